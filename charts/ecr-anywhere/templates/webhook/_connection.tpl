{{/* How the API server and the other replicas reach the webhook. */}}

{{- define "ecr-anywhere.serviceName" -}}
{{ .Values.serviceName | default .Values.name }}
{{- end }}

{{/* The ports of the webhook's pods, and its timeout. A release that is upgraded with --reuse-values may not know these values. */}}
{{- define "ecr-anywhere.port.https" -}}
{{ (.Values.webhook.ports).https | default 8443 | int }}
{{- end }}
{{- define "ecr-anywhere.port.metrics" -}}
{{ (.Values.webhook.ports).metrics | default 8081 | int }}
{{- end }}
{{- define "ecr-anywhere.webhook.timeoutSeconds" -}}
{{ .Values.webhook.timeoutSeconds | default 10 | int }}
{{- end }}

{{/* The headless Service by which replicas of the webhook find each other. */}}
{{- define "ecr-anywhere.peersName" -}}
{{ .Values.name }}-peers
{{- end }}

{{/*
The port of the webhook's pods as a Service or a NetworkPolicy names it. Pods of the original have no name for the port, and
serve until the new ones are ready: so 8443 is a number. Another port has a name, which stands for the old number on old
pods and for the new number on new pods.
*/}}
{{- define "ecr-anywhere.webhook.targetPort" -}}
{{- $port := include "ecr-anywhere.port.https" . | int }}
{{- if eq $port 8443 }}{{ $port }}{{ else }}https{{ end }}
{{- end }}
