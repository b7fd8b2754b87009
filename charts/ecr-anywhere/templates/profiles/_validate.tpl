{{/* What the schema cannot say about profiles: one sentence for each mistake. */}}
{{- define "ecr-anywhere.profiles.mistakes" -}}
{{- $mistakes := list }}
{{- $names := list }}
{{- $regionCount := 0 }}
{{- $hasRole := include "ecr-anywhere.profiles.programHasRole" . }}
{{- range $profile := .Values.profiles }}
{{- $identity := .identity | default dict }}
{{- if has .name $names }}
{{- $mistakes = append $mistakes (printf "profiles: %s stands there twice: rename one of the two" .name) }}
{{- end }}
{{- $names = append $names .name }}
{{- if eq .name "default" }}
{{- if omit . "name" "namespaces" }}
{{- $mistakes = append $mistakes "profiles: default takes only namespaces: its identity, region and hosts are those of aws and refresh.registryHosts" }}
{{- end }}
{{- if not (include "ecr-anywhere.profiles.hasDefault" $) }}
{{- $mistakes = append $mistakes "profiles: default needs aws.region: without a region there is no default profile, so drop it" }}
{{- end }}
{{- else }}
{{- if eq (empty .region) (empty .regions) }}
{{- $mistakes = append $mistakes (printf "profiles: %s needs either a region or regions" .name) }}
{{- end }}
{{- if and $identity.keysSecret $identity.webIdentity }}
{{- $mistakes = append $mistakes (printf "profiles: %s has both identity.keysSecret and identity.webIdentity: drop one" .name) }}
{{- end }}
{{- if and $identity.webIdentity (first ($identity.roles | default (list dict))).externalId }}
{{- $mistakes = append $mistakes (printf "profiles: %s: drop externalId from the first of identity.roles: AWS takes none with a web identity" .name) }}
{{- end }}
{{- if and $identity.webIdentity (not $identity.roles) }}
{{- $mistakes = append $mistakes (printf "profiles: %s needs identity.roles: AWS gives a session of a role for a web identity" .name) }}
{{- end }}
{{- $mistakes = include "ecr-anywhere.profiles.roleMistakes" (dict "name" .name "identity" $identity "hasRole" $hasRole) | fromYamlArray | concat $mistakes }}
{{- with concat (list .region) (.regions | default list) | compact | uniq }}
{{- $regionCount = add $regionCount (len .) }}
{{- $mistakes = include "ecr-anywhere.registryHosts.mistakes" (dict
  "setting" (printf "profiles: %s: hosts" $profile.name)
  "hosts" $profile.hosts
  "regions" .
  "regionsSetting" "the regions of the profile") | fromYamlArray | concat $mistakes }}
{{- end }}
{{- end }}
{{- end }}
{{- if gt (int $regionCount) 200 }}
{{- $mistakes = append $mistakes (printf "profiles: all profiles together have %d regions, and at most 200 are possible: remove profiles or regions" (int $regionCount)) }}
{{- end }}
{{- with include "ecr-anywhere.profiles.file" . | len }}
{{- if gt . 262144 }}
{{- $mistakes = append $mistakes (printf "profiles: the file of profiles has %d KiB, and at most 256 are possible: remove profiles or namespaces, or use * in the names of namespaces" (div . 1024)) }}
{{- end }}
{{- end }}
{{- toYaml $mistakes }}
{{- end }}

{{/* "true" if the environment of the webhook names a region, which makes the default profile. */}}
{{- define "ecr-anywhere.profiles.hasDefault" -}}
{{- range include "ecr-anywhere.webhook.env" . | fromYamlArray }}
{{- if and (has .name (list "AWS_REGION" "AWS_DEFAULT_REGION" "AWS_REGIONS")) (or .value .valueFrom) }}true{{ end }}
{{- end }}
{{- end }}
