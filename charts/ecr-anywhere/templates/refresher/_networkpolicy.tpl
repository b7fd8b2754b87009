{{/* What a NetworkPolicy allows the refresher, and the hooks that use the same program. Nobody needs to connect to them. */}}
{{- define "ecr-anywhere.refresher.networkPolicy" -}}
{{- $egress := .Values.networkPolicy.refresher.egress }}
policyTypes: [Ingress{{ if $egress }}, Egress{{ end }}]
{{- with $egress }}
egress:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
