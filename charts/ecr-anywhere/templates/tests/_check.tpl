{{/*
The namespace that `helm test` writes a Secret into, and the name of its cluster-wide objects. The name is nobody else's, as Helm
deletes what it finds under it.
*/}}
{{- define "ecr-anywhere.check.namespace" -}}
{{- $installation := printf "%s/%s" (include "ecr-anywhere.namespace" .) .Release.Name | sha256sum | trunc 8 -}}
{{ .Values.name }}-check-{{ $installation }}
{{- end }}

{{/*
The profile of the Secret that `helm test` writes: the default one, or else the first one that its namespace may use. Empty: the
webhook refuses the Secret, and the test fails with its reason.
*/}}
{{- define "ecr-anywhere.check.profile" -}}
{{- include "ecr-anywhere.profiles.firstIn" (dict "root" . "namespace" (include "ecr-anywhere.check.namespace" .)) }}
{{- end }}

{{/*
The metadata of what exists only while `helm test` runs, called with a dict of "root", "weight" and perhaps "name",
"namespace", "clusterWide", "labels", "annotations" and "keepFailed". Helm removes all of it afterwards, except a pod that
failed: Helm prints the log of such a pod only since 3.18. Helm before 3.18 removes nothing else if a hook failed. The next
`helm test` then removes the rest.
*/}}
{{- define "ecr-anywhere.check.metadata" -}}
{{- $hook := dict
  "helm.sh/hook" "test"
  "helm.sh/hook-weight" (toString .weight)
  "helm.sh/hook-delete-policy" (printf "before-hook-creation,hook-succeeded%s" (.keepFailed | default false | ternary "" ",hook-failed"))
  "helm.sh/hook-output-log-policy" "hook-succeeded,hook-failed"
}}
{{- $name := .name | default (printf "%s-check" .root.Values.name) }}
{{- $annotations := merge $hook (.annotations | default dict) }}
{{- include "ecr-anywhere.metadata" (dict
  "root" .root
  "component" "check"
  "name" $name
  "namespace" .namespace
  "clusterWide" .clusterWide
  "labels" .labels
  "annotations" $annotations) }}
{{- end }}
