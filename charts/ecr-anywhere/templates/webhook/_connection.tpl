{{/* How the API server and the other replicas reach the webhook. */}}

{{- define "ecr-anywhere.webhook.serviceName" -}}
{{ .Values.serviceName | default .Values.name }}
{{- end }}

{{/* The ports of the webhook's pods, and its timeout. A release that is upgraded with --reuse-values may not know these values. */}}
{{- define "ecr-anywhere.webhook.httpsPort" -}}
{{ (.Values.webhook.ports).https | default 8443 | int }}
{{- end }}
{{- define "ecr-anywhere.webhook.metricsPort" -}}
{{ (.Values.webhook.ports).metrics | default 8081 | int }}
{{- end }}
{{- define "ecr-anywhere.webhook.timeoutSeconds" -}}
{{ .Values.webhook.timeoutSeconds | default 10 | int }}
{{- end }}

{{/* The headless Service by which replicas of the webhook find each other. */}}
{{- define "ecr-anywhere.webhook.peersName" -}}
{{ .Values.name }}-peers
{{- end }}

{{/*
The ports of the webhook's pods as a Service or a NetworkPolicy names them. Pods of the original have no name for their HTTPS
port, and serve until the new ones are ready: so 8443 is a number. Another port has a name, which stands for the old number on
old pods and for the new number on new pods. The same rule applies to the port for metrics.
*/}}
{{- define "ecr-anywhere.webhook.httpsTargetPort" -}}
{{- $port := include "ecr-anywhere.webhook.httpsPort" . }}
{{- eq $port "8443" | ternary $port "https" }}
{{- end }}
{{- define "ecr-anywhere.webhook.metricsTargetPort" -}}
{{- $port := include "ecr-anywhere.webhook.metricsPort" . }}
{{- eq $port "8081" | ternary $port "metrics" }}
{{- end }}
