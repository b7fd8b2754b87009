{{/*
Reads one field of a schedule as Kubernetes does (github.com/robfig/cron/v3): *, ?, lists, ranges, steps and names. Takes
`text`, the numbers `from` and `to` that the field can match, and its `names`, whose first one is `from`. Returns the numbers
that it does match, as YAML, or an empty list if the field is malformed.
*/}}
{{- define "ecr-anywhere.cron.field" -}}
{{- $text := lower .text }}
{{- range $i, $name := .names }}
{{- $text = regexReplaceAll (printf "\\b%s\\b" $name) $text (add $.from $i | toString) }}
{{- end }}
{{- $matched := dict }}
{{- $isMalformed := false }}
{{- range $part := splitList "," $text | compact }}
{{- if not (regexMatch "^([*?]|[0-9]{1,4}(-[0-9]{1,4})?)(/[0-9]{1,4})?$" $part) }}
{{- $isMalformed = true }}
{{- else }}
{{- $ends := regexFind "^[^/]+" $part | splitList "-" }}
{{- $isAll := has (first $ends) (list "*" "?") }}
{{- $isOpen := or $isAll (and (contains "/" $part) (eq (len $ends) 1)) }}
{{- $first := $isAll | ternary $.from (first $ends | atoi) }}
{{- $last := $isOpen | ternary $.to (last $ends | atoi) }}
{{- $step := regexFind "/.*" $part | trimPrefix "/" | default "1" | atoi }}
{{- if or (lt $first $.from) (gt $last $.to) (gt $first $last) (eq $step 0) }}
{{- $isMalformed = true }}
{{- else }}
{{- range untilStep $first (add1 $last | int) $step }}
{{- $_ := set $matched (toString .) true }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- $numbers := list }}
{{- range untilStep .from (add1 .to | int) 1 }}
{{- if and (hasKey $matched (toString .)) (not $isMalformed) }}
{{- $numbers = append $numbers . }}
{{- end }}
{{- end }}
{{- toJson $numbers }}
{{- end }}

{{/*
Reads cronjob.schedule. Returns YAML: `minutes` and `hours`, the numbers at which the refresher starts on every day; or
`every`, the seconds from one start to the next; or `mistake`, the reason why the refresher cannot have this schedule.
*/}}
{{- define "ecr-anywhere.cron" -}}
{{- $schedule := .Values.cronjob.schedule }}
{{- $fields := list
  (dict "name" "minute" "from" 0 "to" 59)
  (dict "name" "hour" "from" 0 "to" 23)
  (dict "name" "day of the month" "from" 1 "to" 31)
  (dict "name" "month" "from" 1 "to" 12 "names" (list "jan" "feb" "mar" "apr" "may" "jun" "jul" "aug" "sep" "oct" "nov" "dec"))
  (dict "name" "day of the week" "from" 0 "to" 6 "names" (list "sun" "mon" "tue" "wed" "thu" "fri" "sat")) }}
{{- $named := dict
  "@hourly" "0 * * * *"
  "@daily" "0 0 * * *"
  "@midnight" "0 0 * * *"
  "@weekly" "0 0 * * 0"
  "@monthly" "0 0 1 * *"
  "@yearly" "0 0 1 1 *"
  "@annually" "0 0 1 1 *" }}
{{- $standard := get $named $schedule | default $schedule | trim }}
{{- $texts := regexSplit "\\s+" $standard -1 }}
{{- if contains "TZ" $schedule }}
{{- dict "mistake" "names a time zone, which Kubernetes refuses: set cronjob.timeZone" | toJson }}
{{- else if regexMatch "^@every ([0-9]+([.][0-9]+)?(h|m|s|ms))+$" $schedule }}
{{- dict "every" (trimPrefix "@every " $schedule | include "ecr-anywhere.seconds" | int | max 1) | toJson }}
{{- else if hasPrefix "@" $standard }}
{{- dict "mistake" "is no schedule of Kubernetes: write five fields such as 20 * * * *, or @hourly, or @every 90m" | toJson }}
{{- else if ne (len $texts) (len $fields) }}
{{- dict "mistake" (printf "has %d fields, not 5: write minute, hour, day of the month, month and day of the week, as in 20 * * * *" (len $texts)) | toJson }}
{{- else }}
{{- $matched := dict }}
{{- $mistakes := list }}
{{- $skipsDays := false }}
{{- range $i, $field := $fields }}
{{- $text := index $texts $i }}
{{- $numbers := include "ecr-anywhere.cron.field" (set $field "text" $text) | fromJsonArray }}
{{- $_ := set $matched $field.name $numbers }}
{{- if not $numbers }}
{{- $mistakes = append $mistakes (printf "has %s as its %s: write *, or numbers from %d to %d, as a list (1,2), a range (1-2) or a step (*/2)" $text $field.name $field.from $field.to) }}
{{- else if and (gt $i 1) (le (len $numbers) (sub $field.to $field.from | int)) }}
{{- $skipsDays = true }}
{{- end }}
{{- end }}
{{- if $skipsDays }}
{{- $mistakes = append $mistakes "has a day or month field that leaves out days, but credentials live for 12h: write * for the day of the month, the month and the day of the week" }}
{{- end }}
{{- with $mistakes }}
{{- dict "mistake" (first .) | toJson }}
{{- else }}
{{- dict "minutes" $matched.minute "hours" $matched.hour | toJson }}
{{- end }}
{{- end }}
{{- end }}
