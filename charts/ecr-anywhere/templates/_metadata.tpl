{{/* The namespace, the labels and the other metadata of objects. */}}

{{- define "ecr-anywhere.namespace" -}}
{{ .Values.namespace | default .Release.Namespace }}
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
{{- toYaml (merge $labels (.podLabels | default dict) (.root.Values.commonLabels | default dict)) }}
{{- end }}

{{/* The labels of every other object. Those that the user gives, "labels" among them, win: nothing selects by the rest. */}}
{{- define "ecr-anywhere.labels" -}}
{{- $labels := dict
  "app.kubernetes.io/version" .root.Chart.AppVersion
  "app.kubernetes.io/managed-by" .root.Release.Service
  "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63)
}}
{{- toYaml (merge (dict) (.labels | default dict) (include "ecr-anywhere.podLabels" . | fromYaml) $labels) }}
{{- end }}

{{/*
The metadata of every object. Called with a dict of "root", "component", "name", and perhaps "namespace" (the installation's
unless given), "clusterWide" (then it has none), "labels" and "annotations".
*/}}
{{- define "ecr-anywhere.metadata" -}}
name: {{ .name | quote }}
{{- if not .clusterWide }}
namespace: {{ .namespace | default (include "ecr-anywhere.namespace" .root) | quote }}
{{- end }}
labels:
  {{- include "ecr-anywhere.labels" . | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) (.root.Values.commonAnnotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
