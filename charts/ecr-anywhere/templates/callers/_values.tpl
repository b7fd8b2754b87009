{{/* What the values say about callers. A release that is upgraded with --reuse-values may know none of them. */}}

{{/* The mode that the API server is to use; empty if the values do not say it. */}}
{{- define "ecr-anywhere.callers.givenMode" -}}
{{ (.Values.callers).mode | default "" }}
{{- end }}

{{/* The path at which the API server calls the webhook through the aggregation layer: /apis/GROUP/VERSION/RESOURCE. */}}
{{- define "ecr-anywhere.callers.api" -}}
{{ include "ecr-anywhere.callers.group" . }}/v1/reviews
{{- end }}

{{/* APIServices are objects of the cluster, so the group is of this installation alone. */}}
{{- define "ecr-anywhere.callers.group" -}}
{{ .Values.name }}.{{ include "ecr-anywhere.namespace" . }}.ecr-anywhere.centml.ai
{{- end }}

{{- define "ecr-anywhere.callers.apiService" -}}
v1.{{ include "ecr-anywhere.callers.group" . }}
{{- end }}

{{/* The Role and the RoleBinding in kube-system, and the objects with what callers are checked by. */}}
{{- define "ecr-anywhere.callers.name" -}}
{{ .Values.name }}-callers
{{- end }}

{{/* The ConfigMap with the CA and the names of client certificates. */}}
{{- define "ecr-anywhere.callers.configMapName" -}}
{{ ((.Values.callers).clientCertificate).existingConfigMap | default (include "ecr-anywhere.callers.name" .) }}
{{- end }}

{{/* Stands for a key in an annotation of the pods. A key cannot be computed from it. */}}
{{- define "ecr-anywhere.callers.keyId" -}}
{{ sha256sum . | trunc 8 }}
{{- end }}

{{/* Not empty if Helm sees a cluster: each one has this namespace. */}}
{{- define "ecr-anywhere.callers.seesCluster" -}}
{{- if lookup "v1" "Namespace" "" "kube-system" }}true{{ end }}
{{- end }}
