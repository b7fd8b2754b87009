{{/* The year of which the chart looks at the clocks: its first second, 2030-01-01 in UTC, in seconds since 1970. */}}
{{- define "ecr-anywhere.timeZone.year" -}}
1893456000
{{- end }}

{{/* Whether the clock of this time zone is UTC, by its name. */}}
{{- define "ecr-anywhere.timeZone.isUtc" -}}
{{- if regexMatch "^(Etc/)?(UTC|UCT|Universal|Zulu)$" . }}true{{ end }}
{{- end }}

{{/*
Whether this machine does not know the time zone, because its time zone database is old or absent. Go then takes UTC, without
a word.
*/}}
{{- define "ecr-anywhere.timeZone.isUnknown" -}}
{{- $abbreviation := dateInZone "MST" (include "ecr-anywhere.timeZone.year" . | int64) . }}
{{- if and (eq $abbreviation "UTC") (not (include "ecr-anywhere.timeZone.isUtc" .)) }}true{{ end }}
{{- end }}
