{{/* A duration of the values, such as 6h30m, in seconds. */}}
{{- define "ecr-anywhere.seconds" -}}
{{- $units := dict "h" 3600.0 "m" 60.0 "s" 1.0 "ms" 0.001 }}
{{- $seconds := 0.0 }}
{{- range regexFindAll "[0-9.]+(ms|[hms])" . -1 }}
{{- $seconds = addf $seconds (mulf (regexFind "[0-9.]+" . | float64) (get $units (regexFind "[a-z]+" .))) }}
{{- end }}
{{- $seconds | int64 }}
{{- end }}

{{/*
The durations that decide how long tokens serve, in seconds, as the webhook's environment has the last word on them. Where
that takes one from elsewhere (valueFrom, $(NAME)), it is as the values say.
*/}}
{{- define "ecr-anywhere.tokenDurations" -}}
{{- $durations := dict "TOKEN_REUSE" .Values.webhook.tokenReuse "REFRESH_THRESHOLD" .Values.refresh.threshold "REFRESH_MARGIN" .Values.refresh.margin }}
{{- range include "ecr-anywhere.webhook.env" . | fromYamlArray }}
{{- if and (hasKey $durations .name) (regexMatch "^[0-9]" (.value | default "")) }}
{{- $_ := set $durations .name .value }}
{{- end }}
{{- end }}
reuse: {{ include "ecr-anywhere.seconds" $durations.TOKEN_REUSE }}
threshold: {{ include "ecr-anywhere.seconds" $durations.REFRESH_THRESHOLD }}
margin: {{ include "ecr-anywhere.seconds" $durations.REFRESH_MARGIN }}
{{- end }}

{{/*
The least time from one run of the refresher to the next, in seconds, as far as it is less than an hour, or the hour itself:
what lies between the minutes of the schedule. Nothing where it is longer, or cannot be made out.
*/}}
{{- define "ecr-anywhere.cronjob.period" -}}
{{- $schedule := trim .Values.cronjob.schedule }}
{{- if hasPrefix "@every " $schedule -}}
{{ trimPrefix "@every " $schedule | include "ecr-anywhere.seconds" }}
{{- else if eq $schedule "@hourly" -}}
3600
{{- else if not (hasPrefix "@" $schedule) }}
{{- $isHourly := regexMatch "^\\S+\\s+(\\*|[0-9]+-[0-9]+)\\s" $schedule }}
{{- $minutes := dict }}
{{- range $part := regexFind "^\\S+" $schedule | splitList "," }}
{{- $ends := regexReplaceAll "/.*" $part "" | splitList "-" }}
{{- $isAll := regexMatch "^[*?]" $part }}
{{- $step := regexFind "[0-9]+$" (regexFind "/.*" $part) | default "1" | atoi }}
{{- $from := $isAll | ternary 0 (first $ends | atoi) }}
{{- $to := or $isAll (and (contains "/" $part) (eq (len $ends) 1)) | ternary 59 (last $ends | atoi) }}
{{- range untilStep $from (add1 $to | int) $step }}
{{- $_ := set $minutes (printf "%02d" .) true }}
{{- end }}
{{- end }}
{{- with keys $minutes | sortAlpha }}
{{- $least := 60 }}
{{- $before := sub ($isHourly | ternary (last . | atoi) (first . | atoi)) 60 }}
{{- range . }}
{{- $least = min $least (sub (atoi .) $before) }}
{{- $before = atoi . }}
{{- end }}
{{- if or $isHourly (lt (int $least) 60) }}{{ mul 60 $least }}{{ end }}
{{- end }}
{{- end }}
{{- end }}

{{/* How long a run of the refresher may take, in seconds: as given, or half an hour, or a minute less than the period. */}}
{{- define "ecr-anywhere.cronjob.deadline" -}}
{{- $period := include "ecr-anywhere.cronjob.period" . | int | default 3600 }}
{{- .Values.cronjob.activeDeadlineSeconds | default (sub $period 60 | min 1800 | max 60) | int }}
{{- end }}
