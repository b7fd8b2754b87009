{{/*
The mistakes in the durations of a profile's roles, as YAML. AWS refuses other durations (libs/settings/src/profiles/profile-identity.ts).

- name, identity: of the profile
- hasRole: "true" if the webhook's own identity assumes a role, so that the first role of the profile is assumed from it
*/}}
{{- define "ecr-anywhere.profiles.roleMistakes" -}}
{{- $mistakes := list }}
{{- $name := .name }}
{{- $isOwn := or .identity.keysSecret .identity.webIdentity }}
{{- $isFirstChained := and .hasRole (not $isOwn) }}
{{- range $index, $role := .identity.roles }}
{{- with $role.duration }}
{{- $milliseconds := include "ecr-anywhere.milliseconds" . | int64 }}
{{- if or (lt $milliseconds 900000) (gt $milliseconds 43200000) (mod $milliseconds 1000) }}
{{- $mistakes = append $mistakes (printf "profiles: %s: duration %s of %s must be from 15m to 12h, in whole seconds" $name . $role.arn) }}
{{- else if and (gt $milliseconds 3600000) (or $index $isFirstChained) }}
{{- $mistakes = append $mistakes (printf "profiles: %s: duration %s of %s must be at most 1h, because it is assumed from %s" $name . $role.arn (gt $index 0 | ternary "the role before it" "the role of the webhook (aws.roleArn)")) }}
{{- end }}
{{- end }}
{{- end }}
{{- toYaml $mistakes }}
{{- end }}

{{/* "true" if the webhook's own identity is a session of a role: AWS_ROLE_ARN, unless ECR_TOKEN_ASSUME_ROLE leaves it out. */}}
{{- define "ecr-anywhere.profiles.programHasRole" -}}
{{- $values := dict }}
{{- range include "ecr-anywhere.webhook.env" . | fromYamlArray }}
{{- $_ := set $values .name (.value | default (empty .valueFrom | ternary "" "the value of another object")) }}
{{- end }}
{{- $isLeftOut := eq ($values.ECR_TOKEN_ASSUME_ROLE | default "") "sdk-default" }}
{{- if or .Values.aws.webIdentity.enabled (and $values.AWS_ROLE_ARN (not $isLeftOut)) }}true{{ end }}
{{- end }}
