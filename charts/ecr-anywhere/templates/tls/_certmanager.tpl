{{/* Whether cert-manager is to make a CA of the chart's own. */}}
{{- define "ecr-anywhere.tls.hasOwnCa" -}}
{{- if and (eq (include "ecr-anywhere.tls.mode" .) "certManager") (not .Values.tls.issuerRef) }}true{{ end }}
{{- end }}
