{{/* Names, labels and what every pod has in common. Called with the root, or with a dict of "root" and "component". */}}

{{- define "ecr-anywhere.namespace" -}}
{{ .Values.namespace | default .Release.Namespace }}
{{- end }}

{{- define "ecr-anywhere.serviceName" -}}
{{ .Values.serviceName | default .Values.name }}
{{- end }}

{{- define "ecr-anywhere.serviceAccountName" -}}
{{ .Values.serviceAccountName | default .Values.name }}
{{- end }}

{{/* The "app" label is what selectors match. It tells the components apart, and is the webhook's as it ever was. */}}
{{- define "ecr-anywhere.app" -}}
{{ .root.Values.name }}{{ if ne .component "webhook" }}-{{ .component }}{{ end }}
{{- end }}

{{/* Labels that stay the same from version to version: for pods, which a change would restart. */}}
{{- define "ecr-anywhere.podLabels" -}}
{{- $labels := dict
  "app" (include "ecr-anywhere.app" .)
  "app.kubernetes.io/name" "ecr-anywhere"
  "app.kubernetes.io/instance" .root.Release.Name
  "app.kubernetes.io/component" .component
}}
{{- toYaml (merge $labels (.podLabels | default dict) .root.Values.commonLabels) }}
{{- end }}

{{/* The labels of every other object. */}}
{{- define "ecr-anywhere.labels" -}}
{{ include "ecr-anywhere.podLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 }}
{{- end }}

{{/* The image of the program "webhook" or "refresher", and when it is pulled. */}}
{{- define "ecr-anywhere.image" -}}
{{- $image := .root.Values.image }}
{{- $digest := get $image.digests .program }}
{{- $version := printf ":%s" ($image.tag | default .root.Chart.AppVersion) }}
{{- if $digest }}
{{- $version = printf "@%s" $digest }}
{{- end -}}
image: {{ printf "%s-%s%s" $image.repository .program $version | quote }}
imagePullPolicy: {{ $image.imagePullPolicy }}
{{- end }}

{{/* What every pod spec has. "placement" is the section of the values that says where the pod may run. */}}
{{- define "ecr-anywhere.podDefaults" -}}
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- range $key := list "affinity" "nodeSelector" "tolerations" "priorityClassName" }}
{{- with get $.placement $key }}
{{ $key }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
