{{/* The mistakes in the times of the values, as YAML. */}}
{{- define "ecr-anywhere.times.mistakes" -}}
{{- concat
  (include "ecr-anywhere.times.tokenMistakes" . | fromJsonArray)
  (include "ecr-anywhere.times.timeZoneMistakes" . | fromJsonArray)
  (include "ecr-anywhere.times.scheduleMistakes" . | fromJsonArray)
  | toJson }}
{{- end }}

{{- define "ecr-anywhere.times.tokenMistakes" -}}
{{- $mistakes := list }}
{{- range include "ecr-anywhere.webhook.env" . | fromYamlArray }}
{{- if and (has .name (list "TOKEN_REUSE" "REFRESH_THRESHOLD" "REFRESH_MARGIN")) .value }}
{{- if not (or (contains "$(" .value) (regexMatch "^([0-9]+([.][0-9]+)?h)?([0-9]+([.][0-9]+)?m)?([0-9]+([.][0-9]+)?s)?([0-9]+([.][0-9]+)?ms)?$" .value)) }}
{{- $mistakes = append $mistakes (printf "%s in an env is not a duration, such as 6h or 1h30m: %s" .name .value) }}
{{- end }}
{{- end }}
{{- end }}
{{- $token := include "ecr-anywhere.tokenDurations" . | fromYaml }}
{{- if ge (add $token.threshold $token.margin $token.reuse) 43200 }}
{{- $mistakes = append $mistakes "refresh.threshold, refresh.margin and webhook.tokenReuse together must be less than the 12h that a token of ECR lives: lower refresh.threshold" }}
{{- end }}
{{- toJson $mistakes }}
{{- end }}

{{/* Kubernetes refuses names that are not in its time zone database. These are the areas of that database. */}}
{{- define "ecr-anywhere.times.timeZoneMistakes" -}}
{{- $mistakes := list }}
{{- $areas := "Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US" }}
{{- with .Values.cronjob.timeZone }}
{{- $isName := regexMatch (printf "^(%s)(/[A-Za-z][A-Za-z0-9_+-]{0,13}){1,2}$|^[A-Z][A-Za-z0-9+-]{1,13}$" $areas) . }}
{{- if or (not $isName) (eq . "Local") }}
{{- $mistakes = append $mistakes (printf "cronjob.timeZone, %s, is not a time zone: write the name of one, such as Europe/Berlin or Etc/UTC" .) }}
{{- end }}
{{- end }}
{{- toJson $mistakes }}
{{- end }}

{{- define "ecr-anywhere.times.scheduleMistakes" -}}
{{- $mistakes := list }}
{{- $schedule := printf "cronjob.schedule, %s," .Values.cronjob.schedule }}
{{- $cron := include "ecr-anywhere.cron" . | fromJson }}
{{- if $cron.mistake }}
{{- $mistakes = append $mistakes (printf "%s %s" $schedule $cron.mistake) }}
{{- else }}
{{- $gaps := include "ecr-anywhere.cron.gaps" (dict "cron" $cron) | fromJson }}
{{- $gapsInZone := include "ecr-anywhere.cron.gaps" (dict "cron" $cron "timeZone" .Values.cronjob.timeZone) | fromJson }}
{{- $deadline := include "ecr-anywhere.cronjob.deadline" . | int }}
{{- $isDeadlineTooLong := and (ge $deadline (int $gaps.shortest)) (gt $deadline 60) }}
{{- if $isDeadlineTooLong }}
{{- $mistakes = append $mistakes (printf "cronjob.activeDeadlineSeconds, %d, must be less than the %d seconds from one run of cronjob.schedule to the next one: remove it, so that the chart chooses one that fits" $deadline (int $gaps.shortest)) }}
{{- end }}

{{- /*
A Secret that is not due yet waits for the next run, and that run may take its whole deadline. Half an hour is for starting
the Job. A threshold that is long enough must also leave tokens some life: the programs check that at their start
(libs/settings/src/contradictions.ts).
*/}}
{{- $token := include "ecr-anywhere.tokenDurations" . | fromYaml }}
{{- /* What a deadline that is too long has to become, if it is removed: half an hour at most. */}}
{{- if $isDeadlineTooLong }}
{{- $deadline = sub $gaps.shortest 60 | min 1800 | max 60 | int }}
{{- end }}
{{- $needed := add $gapsInZone.longest $deadline 1800 }}
{{- $limit := add $token.margin $token.reuse | sub 43200 }}
{{- if gt $needed (int64 $token.threshold) }}
{{- $isInEnv := ne (int64 $token.threshold) (include "ecr-anywhere.seconds" .Values.refresh.threshold | int64) }}
{{- $threshold := $isInEnv | ternary "REFRESH_THRESHOLD in the env" "refresh.threshold" }}
{{- $changing := "" }}
{{- if gt $gapsInZone.longest $gaps.longest }}
{{- $changing = printf " when the clocks of %s change" .Values.cronjob.timeZone }}
{{- if include "ecr-anywhere.timeZone.isUnknown" .Values.cronjob.timeZone }}
{{- $changing = printf "%s (it is not in the time zone database of this machine, so an hour is added for summer time)" $changing }}
{{- end }}
{{- end }}
{{- $gap := printf "%s lets up to %s pass between two runs%s" $schedule (include "ecr-anywhere.duration" $gapsInZone.longest) $changing }}
{{- if lt $needed $limit }}
{{- $mistakes = append $mistakes (printf "%s, so that credentials can end before they are refreshed: raise %s from %s to %s (the time between two runs, %s for a run, 30m to start it), or choose a schedule with more runs" $gap $threshold (include "ecr-anywhere.duration" $token.threshold) (include "ecr-anywhere.duration" $needed) (include "ecr-anywhere.duration" $deadline)) }}
{{- else if le $limit 7200 }}
{{- $mistakes = append $mistakes (printf "refresh.margin and webhook.tokenReuse leave %s of the 12h that a token of ECR lives, but even a run in every hour needs a %s of 2h: lower them" (include "ecr-anywhere.duration" (max 0 $limit)) $threshold) }}
{{- else }}
{{- $mistakes = append $mistakes (printf "%s, so that credentials can end before they are refreshed. No %s is long enough, since it has to be less than %s (12h, the life of a token of ECR, without refresh.margin and webhook.tokenReuse): set cronjob.schedule to 20 * * * *%s%s" $gap $threshold (include "ecr-anywhere.duration" $limit) (gt $deadline 1800 | ternary ", remove cronjob.activeDeadlineSeconds" "") (lt (int64 $token.threshold) 7200 | ternary (printf ", and set %s to 2h" $threshold) "")) }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $mistakes }}
{{- end }}
