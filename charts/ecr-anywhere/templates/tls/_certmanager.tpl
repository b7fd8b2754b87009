{{/* Whether cert-manager is to make a CA of the chart's own. */}}
{{- define "ecr-anywhere.tls.hasOwnCa" -}}
{{- if and (eq (include "ecr-anywhere.tls.mode" .) "certManager") (not .Values.tls.issuerRef) }}true{{ end }}
{{- end }}

{{/* The metadata of cert-manager's objects, called with a dict of "root" and "name". */}}
{{- define "ecr-anywhere.tls.metadata" -}}
name: {{ .name | quote }}
namespace: {{ include "ecr-anywhere.namespace" .root | quote }}
labels:
  {{- include "ecr-anywhere.labels" (dict "root" .root "component" "webhook") | nindent 2 }}
{{- end }}
