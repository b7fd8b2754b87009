{{/* Names, labels and what every pod has in common. Called with the root, or with a dict of "root" and "component". */}}

{{- define "ecr-anywhere.namespace" -}}
{{ .Values.namespace | default .Release.Namespace }}
{{- end }}

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

{{/* Whether the chart creates roles, and service accounts. It does unless the values say otherwise, or do not know it (--reuse-values). */}}
{{- define "ecr-anywhere.rbac.isCreated" -}}
{{- if ne (toString .Values.rbac.create) "false" }}true{{ end }}
{{- end }}
{{- define "ecr-anywhere.serviceAccount.isCreated" -}}
{{- if ne (toString (.Values.serviceAccount).create) "false" }}true{{ end }}
{{- end }}

{{/* The webhook's service account. */}}
{{- define "ecr-anywhere.serviceAccountName" -}}
{{ .Values.serviceAccountName | default .Values.name }}
{{- end }}

{{- define "ecr-anywhere.refresher.serviceAccountName" -}}
{{ ((.Values.serviceAccount).names).refresher | default (printf "%s-refresher" (include "ecr-anywhere.serviceAccountName" .)) }}
{{- end }}

{{/* Of the pod of `helm test`. */}}
{{- define "ecr-anywhere.check.serviceAccountName" -}}
{{ ((.Values.serviceAccount).names).check | default (printf "%s-check" .Values.name) }}
{{- end }}

{{/* Of the Job at the end of `helm uninstall`. */}}
{{- define "ecr-anywhere.cleanup.serviceAccountName" -}}
{{ ((.Values.serviceAccount).names).cleanup | default (printf "%s-cleanup" .Values.name) }}
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
The metadata of an object that lives as long as the release. Called with a dict of "root", "component", "name", and perhaps
"namespace" (the installation's unless given), "clusterWide" (then it has none), "labels" and "annotations".
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

{{/*
The images' repository. global.imageRegistry takes the place of its registry, which is what stands before the first slash and
looks like a host: with a dot or a port, or localhost.
*/}}
{{- define "ecr-anywhere.repository" -}}
{{- $repository := .Values.image.repository }}
{{- with (.Values.global | default dict).imageRegistry -}}
{{ trimSuffix "/" . }}/{{ regexReplaceAll "^(\\[[^/]*|[^/]*[.:][^/]*|localhost)/" $repository "" }}
{{- else -}}
{{ $repository }}
{{- end }}
{{- end }}

{{/* The Secrets to pull the images with, as a list of objects with a name: the chart's, then those for all charts. */}}
{{- define "ecr-anywhere.imagePullSecrets" -}}
{{- $secrets := list }}
{{- range concat (.Values.imagePullSecrets | default list) ((.Values.global | default dict).imagePullSecrets | default list) }}
{{- $secrets = append $secrets (kindIs "string" . | ternary (dict "name" .) .) }}
{{- end }}
{{- toYaml (uniq $secrets) }}
{{- end }}

{{/* What every container of the program "webhook" or "refresher" has in common. */}}
{{- define "ecr-anywhere.container" -}}
{{- $image := .root.Values.image }}
{{- $digest := get $image.digests .program }}
{{- $version := printf ":%s" ($image.tag | default .root.Chart.AppVersion) }}
{{- if $digest }}
{{- $version = printf "@%s" $digest }}
{{- end -}}
image: {{ printf "%s-%s%s" (include "ecr-anywhere.repository" .root) .program $version | quote }}
imagePullPolicy: {{ $image.imagePullPolicy }}
resources:
  {{- toYaml ((get .root.Values .program).resources | default dict) | nindent 2 }}
securityContext:
  {{- toYaml (.root.Values.containerSecurityContext | default dict) | nindent 2 }}
{{- end }}

{{/* What every pod spec has. "placement" is the section of the values that says where the pod may run. */}}
{{- define "ecr-anywhere.podDefaults" -}}
securityContext:
  {{- toYaml (.root.Values.podSecurityContext | default dict) | nindent 2 }}
{{- with include "ecr-anywhere.imagePullSecrets" .root | fromYamlArray }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- range $key := list "affinity" "nodeSelector" "tolerations" "priorityClassName" "hostAliases" }}
{{- with get $.placement $key }}
{{ $key }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
