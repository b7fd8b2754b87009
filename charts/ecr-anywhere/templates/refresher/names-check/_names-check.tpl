{{/*
The metadata of all that exists only before an installation or an upgrade with rbac.secretNames, called with a dict of "root",
"weight" and perhaps "name", "namespace", "clusterWide" and "keepFailed". Helm deletes all of it afterwards, except a Job that
failed: Helm prints its log only since 3.18. Helm before 3.18 deletes nothing else if the Job failed. The next install or upgrade
then deletes the rest.
*/}}
{{- define "ecr-anywhere.namesCheck.metadata" -}}
{{- $hook := dict
  "helm.sh/hook" "pre-install,pre-upgrade"
  "helm.sh/hook-weight" (toString .weight)
  "helm.sh/hook-delete-policy" (printf "before-hook-creation,hook-succeeded%s" (.keepFailed | default false | ternary "" ",hook-failed"))
  "helm.sh/hook-output-log-policy" "hook-failed"
}}
{{- include "ecr-anywhere.metadata" (dict
  "root" .root
  "component" "check-names"
  "name" (.name | default (printf "%s-check-names" .root.Values.name))
  "namespace" .namespace
  "clusterWide" .clusterWide
  "annotations" $hook) }}
{{- end }}

{{/* Whether there is something to check. */}}
{{- define "ecr-anywhere.namesCheck.isNeeded" -}}
{{- if .Values.rbac.secretNames }}true{{ end }}
{{- end }}

{{/* The name of the objects outside of the installation's namespace. Helm deletes what it finds under it. */}}
{{- define "ecr-anywhere.namesCheck.uniqueName" -}}
{{- $installation := printf "%s/%s" (include "ecr-anywhere.namespace" .) .Release.Name | sha256sum | trunc 8 -}}
{{ .Values.name }}-check-names-{{ $installation }}
{{- end }}
