{{/* Whose Secrets the webhook fills and the refresher refreshes. */}}

{{/* The labels that tell several installations apart, as YAML. helm upgrade --reuse-values may not know this value. */}}
{{- define "ecr-anywhere.namespaces.ownLabels" -}}
{{- (.Values.namespaceSelector).matchLabels | default dict | toYaml }}
{{- end }}

{{/* All labels that a namespace of this installation has, as YAML. */}}
{{- define "ecr-anywhere.namespaces.labels" -}}
{{- $ours := dict "ecr-anywhere.centml.ai/namespace" "enabled" }}
{{- toYaml (merge $ours (include "ecr-anywhere.namespaces.ownLabels" . | fromYaml)) }}
{{- end }}

{{/* The namespaceSelector of the webhook. With rbac.namespaces, it also selects the namespace of helm test. */}}
{{- define "ecr-anywhere.namespaces.selector" -}}
matchLabels:
  {{- include "ecr-anywhere.namespaces.labels" . | nindent 2 }}
{{- with .Values.rbac.namespaces }}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: In
    values:
      {{- append . (include "ecr-anywhere.check.namespace" $) | toYaml | nindent 6 }}
{{- end }}
{{- end }}
