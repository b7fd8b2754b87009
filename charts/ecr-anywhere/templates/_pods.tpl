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
