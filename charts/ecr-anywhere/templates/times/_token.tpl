{{/*
How long tokens are used, in seconds, as YAML. The webhook's environment has the last word. An empty variable there means the
program's default (apps/webhook/README.md). The chart cannot see a variable that comes from another object (valueFrom) or
from another variable ($(NAME)). For such a variable, it takes the duration in the values.
*/}}
{{- define "ecr-anywhere.tokenDurations" -}}
{{- $defaults := dict "TOKEN_REUSE" "1h" "REFRESH_THRESHOLD" "6h" "REFRESH_MARGIN" "30m" }}
{{- $durations := dict "TOKEN_REUSE" .Values.webhook.tokenReuse "REFRESH_THRESHOLD" .Values.refresh.threshold "REFRESH_MARGIN" .Values.refresh.margin }}
{{- range include "ecr-anywhere.webhook.env" . | fromYamlArray }}
{{- if and (hasKey $durations .name) (hasKey . "value") }}
{{- $value := .value | default (get $defaults .name) }}
{{- if regexMatch "^[0-9]" $value }}
{{- $_ := set $durations .name $value }}
{{- end }}
{{- end }}
{{- end }}
reuse: {{ include "ecr-anywhere.seconds" $durations.TOKEN_REUSE }}
threshold: {{ include "ecr-anywhere.seconds" $durations.REFRESH_THRESHOLD }}
margin: {{ include "ecr-anywhere.seconds" $durations.REFRESH_MARGIN }}
{{- end }}
