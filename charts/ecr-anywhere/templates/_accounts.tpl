{{/* Whether the chart creates roles, and service accounts. It does unless the values say otherwise, or do not know it (--reuse-values). */}}
{{- define "ecr-anywhere.rbac.isCreated" -}}
{{- if ne (toString .Values.rbac.create) "false" }}true{{ end }}
{{- end }}
{{- define "ecr-anywhere.serviceAccount.isCreated" -}}
{{- if ne (toString (.Values.serviceAccount).create) "false" }}true{{ end }}
{{- end }}

{{/* The webhook's service account. */}}
{{- define "ecr-anywhere.webhook.serviceAccountName" -}}
{{ .Values.serviceAccountName | default .Values.name }}
{{- end }}

{{- define "ecr-anywhere.refresher.serviceAccountName" -}}
{{ ((.Values.serviceAccount).names).refresher | default (printf "%s-refresher" (include "ecr-anywhere.webhook.serviceAccountName" .)) }}
{{- end }}

{{/* The user name of the refresher's service account, as the API server knows it. */}}
{{- define "ecr-anywhere.refresher.user" -}}
system:serviceaccount:{{ include "ecr-anywhere.namespace" . }}:{{ include "ecr-anywhere.refresher.serviceAccountName" . }}
{{- end }}

{{/* Of the Job that checks the names of Secrets before an installation or an upgrade. */}}
{{- define "ecr-anywhere.namesCheck.serviceAccountName" -}}
{{ ((.Values.serviceAccount).names).namesCheck | default (printf "%s-check-names" .Values.name) }}
{{- end }}

{{/* Of the pod of `helm test`. */}}
{{- define "ecr-anywhere.check.serviceAccountName" -}}
{{ ((.Values.serviceAccount).names).check | default (printf "%s-check" .Values.name) }}
{{- end }}

{{/* Of the Job at the end of `helm uninstall`. */}}
{{- define "ecr-anywhere.cleanup.serviceAccountName" -}}
{{ ((.Values.serviceAccount).names).cleanup | default (printf "%s-cleanup" .Values.name) }}
{{- end }}
