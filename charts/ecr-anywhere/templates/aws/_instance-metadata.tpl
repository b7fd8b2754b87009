{{/*
Whether the webhook may ask the instance metadata service of EC2 for the role of its node: "true" or "false". Unless the
values decide, it may where they name no other source of credentials, as in the original.
*/}}
{{- define "ecr-anywhere.aws.instanceMetadata" -}}
{{- if kindIs "bool" .Values.aws.instanceMetadata }}
{{- .Values.aws.instanceMetadata }}
{{- else }}
{{- include "ecr-anywhere.aws.hasNoSource" . | default "false" }}
{{- end }}
{{- end }}

{{/* "true" if the values name no source of credentials. */}}
{{- define "ecr-anywhere.aws.hasNoSource" -}}
{{- $aws := .Values.aws }}
{{- /* The chart does not annotate an account that somebody else creates. */}}
{{- $role := include "ecr-anywhere.serviceAccount.isCreated" . | empty | ternary "" (get (.Values.webhook.serviceAccountAnnotations | default dict) "eks.amazonaws.com/role-arn") }}
{{- $sources := list $aws.existingSecret $aws.webIdentity.enabled $role (include "ecr-anywhere.givenKeys" . | fromYamlArray) }}
{{- range include "ecr-anywhere.givenEnv" . | fromYamlArray }}
{{- if has .name (include "ecr-anywhere.aws.sourceNames" . | fromYamlArray) }}
{{- $sources = concat $sources (list .value .valueFrom) }}
{{- end }}
{{- end }}
{{- if not (compact $sources) }}true{{ end }}
{{- end }}

{{/* AWS's names for variables that name a source of credentials. */}}
{{- define "ecr-anywhere.aws.sourceNames" -}}
- AWS_PROFILE
- AWS_DEFAULT_PROFILE
- AWS_CONFIG_FILE
- AWS_SHARED_CREDENTIALS_FILE
- AWS_WEB_IDENTITY_TOKEN_FILE
- AWS_CONTAINER_CREDENTIALS_FULL_URI
- AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
{{- end }}

{{/* "true" if a profile may need the role of the EC2 instance, which the webhook does not use. */}}
{{- define "ecr-anywhere.aws.namesProfile" -}}
{{- $names := list }}
{{- range include "ecr-anywhere.givenEnv" . | fromYamlArray }}
{{- if or .value .valueFrom }}
{{- $names = append $names .name }}
{{- end }}
{{- end }}
{{- $isProfile := or (has "AWS_PROFILE" $names) (has "AWS_CONFIG_FILE" $names) }}
{{- if and $isProfile (eq (include "ecr-anywhere.aws.instanceMetadata" .) "false") (kindIs "invalid" .Values.aws.instanceMetadata) }}true{{ end }}
{{- end }}
