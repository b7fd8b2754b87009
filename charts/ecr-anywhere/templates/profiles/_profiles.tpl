{{/*
Profiles: more identities, and the namespaces that may use them. Both programs read the file (libs/settings/src/profiles/profiles-file.ts).
Only the webhook has what the identities need: keys, and tokens of its service account.
*/}}

{{- define "ecr-anywhere.profiles.name" -}}
{{ .Values.name }}-profiles
{{- end }}

{{/* Where the keys of a Secret are. The path is part of the hash: a profile that takes another Secret has its Secrets refreshed. */}}
{{- define "ecr-anywhere.profiles.keysPath" -}}
/etc/ecr-anywhere/profile-keys/{{ . }}
{{- end }}

{{/* The file of a token in its volume. An audience may be a URL. */}}
{{- define "ecr-anywhere.profiles.tokenFile" -}}
{{ sha256sum . | trunc 16 }}
{{- end }}

{{/* The content of the file. */}}
{{- define "ecr-anywhere.profiles.file" -}}
{{- $profiles := list }}
{{- range .Values.profiles }}
{{- $profile := omit . "identity" }}
{{- with .identity }}
{{- $identity := omit . "keysSecret" "webIdentity" }}
{{- with .keysSecret }}
{{- $_ := set $identity "keysDirectory" (include "ecr-anywhere.profiles.keysPath" .) }}
{{- end }}
{{- with .webIdentity }}
{{- $_ := set $identity "webIdentityTokenFile" (printf "/var/run/secrets/ecr-anywhere/profiles/%s" (include "ecr-anywhere.profiles.tokenFile" .audience)) }}
{{- end }}
{{- $_ := set $profile "identity" $identity }}
{{- end }}
{{- $profiles = append $profiles $profile }}
{{- end }}
{{- toYaml (dict "profiles" $profiles) }}
{{- end }}

{{/*
The profile of a Secret in a namespace, if it may choose: the default one, or else the first one that this namespace may use
(libs/settings/src/profiles/namespace-patterns.ts). Empty: it may use none.

- root
- namespace
*/}}
{{- define "ecr-anywhere.profiles.firstIn" -}}
{{- $default := dict "name" "default" "namespaces" (list "*") }}
{{- $profiles := list }}
{{- range .root.Values.profiles }}
{{- if ne .name "default" }}
{{- $profiles = append $profiles . }}
{{- else if hasKey . "namespaces" }}
{{- $default = . }}
{{- end }}
{{- end }}
{{- if include "ecr-anywhere.profiles.hasDefault" .root }}
{{- $profiles = prepend $profiles $default }}
{{- end }}
{{- $names := list }}
{{- range $profile := $profiles }}
{{- range .namespaces }}
{{- if regexMatch (printf "^%s$" (replace "*" ".*" .)) $.namespace }}
{{- $names = append $names $profile.name }}
{{- end }}
{{- end }}
{{- end }}
{{- with $names }}{{ first . }}{{ end }}
{{- end }}

{{/* The names of the Secrets with keys, each once. */}}
{{- define "ecr-anywhere.profiles.keysSecrets" -}}
{{- $names := list }}
{{- range .Values.profiles }}
{{- $names = append $names ((.identity | default dict).keysSecret | default "") }}
{{- end }}
{{- toYaml (compact $names | uniq) }}
{{- end }}

{{/* The audiences of the tokens, each once. */}}
{{- define "ecr-anywhere.profiles.audiences" -}}
{{- $audiences := list }}
{{- range .Values.profiles }}
{{- $audiences = append $audiences (((.identity | default dict).webIdentity | default dict).audience | default "") }}
{{- end }}
{{- toYaml (compact $audiences | uniq) }}
{{- end }}

{{/* The volume with the file, for both programs. */}}
{{- define "ecr-anywhere.profiles.volumes" -}}
{{- if .Values.profiles }}
- name: profiles
  configMap:
    name: {{ include "ecr-anywhere.profiles.name" . | quote }}
{{- end }}
{{- end }}

{{- define "ecr-anywhere.profiles.volumeMounts" -}}
{{- if .Values.profiles }}
- name: profiles
  mountPath: /etc/ecr-anywhere/profiles
  readOnly: true
{{- end }}
{{- end }}

{{/* What only the webhook has. A Secret that is missing must not keep the pods of all profiles from starting. */}}
{{- define "ecr-anywhere.profiles.identityVolumes" -}}
{{- with include "ecr-anywhere.profiles.keysSecrets" . | fromYamlArray }}
- name: profile-keys
  projected:
    sources:
      {{- range . }}
      {{- $secret := . }}
      {{- range include "ecr-anywhere.keyNames" $ | fromYamlArray }}
      - secret:
          name: {{ $secret | quote }}
          optional: true
          items:
            - key: {{ . }}
              path: {{ printf "%s/%s" $secret . | quote }}
      {{- end }}
      {{- end }}
{{- end }}
{{- with include "ecr-anywhere.profiles.audiences" . | fromYamlArray }}
- name: profile-tokens
  projected:
    sources:
      {{- range . }}
      - serviceAccountToken:
          path: {{ include "ecr-anywhere.profiles.tokenFile" . | quote }}
          audience: {{ . | quote }}
          expirationSeconds: {{ $.Values.aws.webIdentity.expirationSeconds | int }}
      {{- end }}
{{- end }}
{{- end }}

{{- define "ecr-anywhere.profiles.identityMounts" -}}
{{- if include "ecr-anywhere.profiles.keysSecrets" . | fromYamlArray }}
- name: profile-keys
  mountPath: /etc/ecr-anywhere/profile-keys
  readOnly: true
{{- end }}
{{- if include "ecr-anywhere.profiles.audiences" . | fromYamlArray }}
- name: profile-tokens
  mountPath: /var/run/secrets/ecr-anywhere/profiles
  readOnly: true
{{- end }}
{{- end }}
