{{/*
The mistakes in a list of registry hosts, as YAML: hosts that no token opens, and hosts that get the tokens of two regions. The
programs refuse the same (libs/settings/src/registry-hosts.ts).

- setting, hosts: the name of the list, and the list
- regions: those that are served, the home region first
- regionsSetting: where a region is added
*/}}
{{- define "ecr-anywhere.registryHosts.mistakes" -}}
{{- $mistakes := list }}
{{- $setting := .setting }}
{{- $regions := .regions }}
{{- $regionsSetting := .regionsSetting }}
{{- $areKnown := true }}
{{- range $regions }}
{{- if not (regexMatch "^[a-z0-9-]+$" .) }}{{ $areKnown = false }}{{ end }}
{{- end }}
{{- $regionOf := dict }}
{{- range .hosts }}
{{- $parts := lower . | splitList "=" }}
{{- $host := first $parts }}
{{- $given := rest $parts | first | default "" }}
{{- $elsewhere := regexFind "^[0-9]{12}[.]dkr[.-]ecr(-fips)?[.][a-z0-9-]+[.]" $host | trimSuffix "." | splitList "." | last }}
{{- $region := coalesce $given $elsewhere (first $regions) "" }}
{{- $other := get $regionOf $host | default $region }}
{{- $_ := set $regionOf $host $region }}
{{- if regexMatch "^(public[.]ecr[.]aws|ecr-public[.]aws[.]com)(:|$)" $host }}
{{- $mistakes = append $mistakes (printf "%s: drop %s, it is ECR Public, which tokens of private registries do not open" $setting $host) }}
{{- else if and $elsewhere $areKnown (not (has $elsewhere $regions)) }}
{{- $mistakes = append $mistakes (printf "%s: drop %s, a registry of %s, which tokens of %s do not open" $setting . $elsewhere (join ", " $regions)) }}
{{- else if and $given $areKnown (not (has $given $regions)) }}
{{- $mistakes = append $mistakes (printf "%s: %s names a region that is not served: add it to %s" $setting . $regionsSetting) }}
{{- else if and $given $elsewhere (ne $elsewhere $given) }}
{{- $mistakes = append $mistakes (printf "%s: %s is a registry of %s, which tokens of %s do not open: leave =%s out" $setting . $elsewhere $given $given) }}
{{- else if and $areKnown (ne $region $other) }}
{{- $mistakes = append $mistakes (printf "%s: %s is there for %s and %s: keep one of them" $setting $host $other $region) }}
{{- end }}
{{- end }}
{{- toYaml $mistakes }}
{{- end }}
