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
The least time from one run of the refresher to the next, in seconds, where the schedule is simple enough to tell: by steps
of minutes, or by the hour. Nothing otherwise.
*/}}
{{- define "ecr-anywhere.cronjob.period" -}}
{{- $step := regexFind "^\\*(/[1-5]?[0-9])? " .Values.cronjob.schedule }}
{{- $hourly := regexMatch "^(@hourly|[0-9]+ \\* .*)$" .Values.cronjob.schedule }}
{{- if $step }}
{{- $minutes := trimAll "*/ " $step | int | default 1 }}
{{- mul 60 (mod 60 $minutes | default $minutes) }}
{{- else if $hourly -}}
3600
{{- end }}
{{- end }}

{{/* How long a run of the refresher may take, in seconds: as given, or half an hour, or a minute less than the period. */}}
{{- define "ecr-anywhere.cronjob.deadline" -}}
{{- $period := include "ecr-anywhere.cronjob.period" . | int | default 3600 }}
{{- .Values.cronjob.activeDeadlineSeconds | default (sub $period 60 | min 1800 | max 60) | int }}
{{- end }}
