{{/* The metadata of all that exists only while `helm test` runs. */}}
{{- define "ecr-anywhere.check.metadata" -}}
name: {{ .root.Values.name }}-check
labels:
  {{- include "ecr-anywhere.labels" (dict "root" .root "component" "check") | nindent 2 }}
annotations:
  helm.sh/hook: test
  helm.sh/hook-weight: {{ .weight | quote }}
  helm.sh/hook-delete-policy: {{ .deleted }}
{{- end }}
