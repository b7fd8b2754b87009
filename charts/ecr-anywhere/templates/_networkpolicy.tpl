{{/*
The policyTypes and the egress rules of a NetworkPolicy. Called with the egress rules of the values. If there are none, the pods
may connect to everything.
*/}}
{{- define "ecr-anywhere.networkPolicy.egress" -}}
policyTypes: [Ingress{{ if . }}, Egress{{ end }}]
{{- with . }}
egress:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
