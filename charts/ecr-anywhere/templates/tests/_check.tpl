{{/*
The namespace that `helm test` writes a Secret into. The name is nobody else's, as Helm deletes what it finds under it.
*/}}
{{- define "ecr-anywhere.check.namespace" -}}
{{- $installation := printf "%s/%s" (include "ecr-anywhere.namespace" .) .Release.Name | sha256sum | trunc 8 -}}
{{ .Values.name }}-check-{{ $installation }}
{{- end }}

{{/*
The metadata of what exists only while `helm test` runs, called with a dict of "root", "weight" and perhaps "name", "labels"
and "keepFailed". All of it is removed afterwards, but for a pod that failed, whose log Helm prints only since 3.18; and
before 3.18, of what failed only that. The next `helm test` removes the rest.
*/}}
{{- define "ecr-anywhere.check.metadata" -}}
name: {{ .name | default (printf "%s-check" .root.Values.name) }}
labels:
  {{- include "ecr-anywhere.labels" (dict "root" .root "component" "check" "labels" .labels) | nindent 2 }}
annotations:
  helm.sh/hook: test
  helm.sh/hook-weight: {{ .weight | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded{{ if not .keepFailed }},hook-failed{{ end }}
  helm.sh/hook-output-log-policy: hook-succeeded,hook-failed
{{- end }}
