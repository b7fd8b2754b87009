{{/*
The metadata of what exists only while `helm test` runs, called with a dict of "root" and "weight". All of it is removed
afterwards, but for a pod that failed: Helm prints the log of hooks only since 3.18.
*/}}
{{- define "ecr-anywhere.check.metadata" -}}
name: {{ .root.Values.name }}-check
labels:
  {{- include "ecr-anywhere.labels" (dict "root" .root "component" "check") | nindent 2 }}
annotations:
  helm.sh/hook: test
  helm.sh/hook-weight: {{ .weight | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded{{ if not .keepFailed }},hook-failed{{ end }}
  helm.sh/hook-output-log-policy: hook-succeeded,hook-failed
{{- end }}
