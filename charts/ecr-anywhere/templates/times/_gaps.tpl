{{/*
The hours from one hour with runs of the refresher to the next one, as they occur in a year, as YAML. Takes `hours`, the
hours of the day that have runs, and `timeZone`, which is UTC unless given.

Walks through the year on the clock of the time zone. When summer time begins, the clock leaves out an hour, and Kubernetes
leaves out the runs in it. When summer time ends, the clock shows an hour twice. The year is fixed, so that the same values
always give the same result.

Two cases are not exact. A time zone that this machine does not know may have summer time, so that each step may be an hour
more. The clock of Australia/Lord_Howe changes by half an hour: the walk does not see halves.
*/}}
{{- define "ecr-anywhere.cron.hourSteps" -}}
{{- $zone := .timeZone | default "UTC" }}
{{- $year := include "ecr-anywhere.timeZone.year" . | int64 }}
{{- /* The walk goes from full hour to full hour. The clocks of some time zones are 30 or 45 minutes from UTC's. */}}
{{- $start := dateInZone "04" $year $zone | atoi | mul 60 | sub $year }}
{{- $isUtc := include "ecr-anywhere.timeZone.isUtc" $zone }}
{{- $isUnknown := include "ecr-anywhere.timeZone.isUnknown" $zone }}
{{- $hours := dict }}
{{- range .hours }}
{{- $_ := set $hours (int . | printf "%02d") true }}
{{- end }}
{{- $steps := dict }}
{{- $before := -1 }}
{{- range $hour := until (or $isUtc $isUnknown | empty | ternary 8808 48) }}
{{- if hasKey $hours (dateInZone "15" (mul 3600 $hour | add $start) $zone) }}
{{- if ge $before 0 }}
{{- $_ := set $steps (sub $hour $before | toString) true }}
{{- end }}
{{- $before = $hour }}
{{- end }}
{{- end }}
{{- $numbers := list }}
{{- range keys $steps }}
{{- $numbers = append $numbers (atoi .) }}
{{- if $isUnknown }}
{{- $numbers = append $numbers (atoi . | add1) }}
{{- end }}
{{- end }}
{{- toJson $numbers }}
{{- end }}

{{/*
The `shortest` and the `longest` time from one start of the refresher to the next one, in seconds, as YAML. Takes `cron`,
which is what "ecr-anywhere.cron" returns, and `timeZone`. Without a time zone, the clock never changes.
*/}}
{{- define "ecr-anywhere.cron.gaps" -}}
{{- $gaps := list }}
{{- if .cron.mistake }}
{{- /* validate.yaml refuses this schedule and says why, but Helm may render other templates first. They must not fail. */}}
{{- $gaps = append $gaps 3600 }}
{{- else if .cron.every }}
{{- $gaps = append $gaps .cron.every }}
{{- else }}
{{- $minutes := .cron.minutes }}
{{- range $i, $minute := rest $minutes }}
{{- $gaps = append $gaps (sub $minute (index $minutes $i) | mul 60) }}
{{- end }}
{{- /* The other gaps go from the last minute of one hour to the first minute of the next hour that has runs. */}}
{{- $inside := sub (last $minutes) (first $minutes) | mul 60 }}
{{- range include "ecr-anywhere.cron.hourSteps" (dict "hours" .cron.hours "timeZone" .timeZone) | fromJsonArray }}
{{- $gaps = append $gaps (sub (mul 3600 .) $inside) }}
{{- end }}
{{- end }}
{{- $shortest := first $gaps | int }}
{{- $longest := $shortest }}
{{- range $gaps }}
{{- $shortest = min $shortest . }}
{{- $longest = max $longest . }}
{{- end }}
{{- dict "shortest" $shortest "longest" $longest | toJson }}
{{- end }}
