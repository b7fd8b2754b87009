{{/* The ConfigMap with the report of the refresher's last run, and the Role and RoleBinding for it. */}}
{{- define "ecr-anywhere.report.name" -}}
{{ .Values.name }}-refresher-report
{{- end }}
