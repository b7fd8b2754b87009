{{/*
The sources of the projected volume that holds AWS's keys, a file a key; nothing where there are none. The webhook reads
them at each renewal, so that no change needs a restart, wherever a key comes from.
*/}}
{{- define "ecr-anywhere.aws.keySources" -}}
{{- with .Values.aws.existingSecret }}
- secret:
    name: {{ . | quote }}
{{- end }}
{{- if include "ecr-anywhere.aws.plainKeys" . | fromYaml }}
- secret:
    name: {{ .Values.name }}-aws
{{- end }}
{{- range $key := include "ecr-anywhere.givenKeys" . | fromYamlArray }}
{{- range $kind, $source := dict "secret" "secretKeyRef" "configMap" "configMapKeyRef" }}
{{- with get ($key.valueFrom | default dict) $source }}
- {{ $kind }}:
    name: {{ .name | quote }}
    {{- if .optional }}
    optional: true
    {{- end }}
    items:
      - key: {{ .key | quote }}
        path: {{ $key.name }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Keys that were given as plain values, by name. */}}
{{- define "ecr-anywhere.aws.plainKeys" -}}
{{- $plain := dict }}
{{- range include "ecr-anywhere.givenKeys" . | fromYamlArray }}
{{- if .value }}
{{- $_ := set $plain .name .value }}
{{- end }}
{{- end }}
{{- toYaml $plain }}
{{- end }}
