{{/* What the webhook's pods need to check callers. */}}

{{- define "ecr-anywhere.callers.env" -}}
{{- $plan := include "ecr-anywhere.callers.plan" . | fromYaml -}}
- name: CALLER_MODE
  value: {{ $plan.mode }}
{{- with rest $plan.accepts }}
- name: CALLER_ALSO_ACCEPT
  value: {{ join "," . }}
{{- end }}
{{- if has "path" $plan.accepts }}
- name: CALLER_PATH_FILE
  value: /etc/ecr-anywhere/caller-keys
{{- end }}
{{- if has "clientCertificate" $plan.accepts }}
- name: CALLER_CA_FILE
  value: /etc/ecr-anywhere/callers/ca.crt
- name: CALLER_NAMES_FILE
  value: /etc/ecr-anywhere/callers/names
{{- end }}
{{- if has "aggregated" $plan.accepts }}
- name: CALLER_API
  value: {{ include "ecr-anywhere.callers.api" . }}
{{- end }}
{{- end }}

{{/* Annotations of the pods: other keys start new pods. */}}
{{- define "ecr-anywhere.callers.podAnnotations" -}}
{{- $plan := include "ecr-anywhere.callers.plan" . | fromYaml }}
{{- if has "path" $plan.accepts }}
{{- $ids := list }}
{{- range $plan.keys }}
{{- $ids = append $ids (include "ecr-anywhere.callers.keyId" .) }}
{{- end -}}
ecr-anywhere.centml.ai/caller-keys: {{ join "," $ids | quote }}
{{- end }}
{{- end }}

{{- define "ecr-anywhere.callers.volumeMounts" -}}
{{- $plan := include "ecr-anywhere.callers.plan" . | fromYaml }}
{{- if has "path" $plan.accepts }}
# By its subPath, the file stays as it is until the pod ends: an old pod takes the old key until there are new pods.
- name: caller-keys
  mountPath: /etc/ecr-anywhere/caller-keys
  subPath: keys
  readOnly: true
{{- end }}
{{- if has "clientCertificate" $plan.accepts }}
- name: callers
  mountPath: /etc/ecr-anywhere/callers
  readOnly: true
{{- end }}
{{- /* Only in this mode, the webhook asks the API server for something. */}}
{{- if has "aggregated" $plan.accepts }}
{{ include "ecr-anywhere.serviceAccountToken.volumeMount" . }}
{{- end }}
{{- end }}

{{- define "ecr-anywhere.callers.volumes" -}}
{{- $plan := include "ecr-anywhere.callers.plan" . | fromYaml }}
{{- if has "path" $plan.accepts }}
- name: caller-keys
  secret:
    secretName: {{ include "ecr-anywhere.callers.name" . | quote }}
{{- end }}
{{- if has "clientCertificate" $plan.accepts }}
- name: callers
  configMap:
    name: {{ include "ecr-anywhere.callers.configMapName" . | quote }}
{{- end }}
{{- if has "aggregated" $plan.accepts }}
{{ include "ecr-anywhere.serviceAccountToken.volume" . }}
{{- end }}
{{- end }}

{{/*
The egress rules of the webhook's NetworkPolicy. In the mode aggregated, the webhook reads a ConfigMap from the API server, which
listens at one of these ports.
*/}}
{{- define "ecr-anywhere.callers.egress" -}}
{{- $rules := .Values.networkPolicy.webhook.egress | default list }}
{{- if and $rules (include "ecr-anywhere.callers.accept" (dict "root" . "mode" "aggregated")) }}
{{- $rules = append $rules (dict "ports" (list (dict "port" 443) (dict "port" 6443))) }}
{{- end }}
{{- toYaml $rules }}
{{- end }}
