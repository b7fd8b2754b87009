{{/* A duration of the values, such as 6h30m, in seconds. */}}
{{- define "ecr-anywhere.seconds" -}}
{{- $units := dict "h" 3600.0 "m" 60.0 "s" 1.0 "ms" 0.001 }}
{{- $seconds := 0.0 }}
{{- range regexFindAll "[0-9.]+(ms|[hms])" . -1 }}
{{- $seconds = addf $seconds (mulf (regexFind "[0-9.]+" . | float64) (get $units (regexFind "[a-z]+" .))) }}
{{- end }}
{{- $seconds | int64 }}
{{- end }}

{{/* A duration of the values in milliseconds, rounded as the programs do (libs/settings/src/duration.ts). */}}
{{- define "ecr-anywhere.milliseconds" -}}
{{- $units := dict "h" 3600000.0 "m" 60000.0 "s" 1000.0 "ms" 1.0 }}
{{- $milliseconds := 0.0 }}
{{- range regexFindAll "[0-9.]+(ms|[hms])" . -1 }}
{{- $milliseconds = addf $milliseconds (mulf (regexFind "[0-9.]+" . | float64) (get $units (regexFind "[a-z]+" .))) }}
{{- end }}
{{- round $milliseconds 0 | int64 }}
{{- end }}

{{/* Seconds as a duration of the values: 30600 is 8h30m. */}}
{{- define "ecr-anywhere.duration" -}}
{{- $rest := int64 . }}
{{- range $unit := list "h" "m" "s" }}
{{- $size := get (dict "h" 3600 "m" 60 "s" 1) $unit }}
{{- with div $rest $size }}{{ . }}{{ $unit }}{{ end }}
{{- $rest = mod $rest $size }}
{{- end }}
{{- if eq (int64 .) 0 }}0s{{ end }}
{{- end }}
