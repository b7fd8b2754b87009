{{/* Where the webhook's certificate comes from: certManager, existingSecret or helm. */}}
{{- define "ecr-anywhere.tls.mode" -}}
{{- if .Values.tls.mode -}}
{{ .Values.tls.mode }}
{{- else if or .Values.tls.issuerRef (not (or .Values.caBundle (include "ecr-anywhere.tls.isInjected" .))) -}}
certManager
{{- else -}}
existingSecret
{{- end }}
{{- end }}

{{/* Whether an annotation by the user has a CA put into the webhook configuration: cert-manager's, OpenShift's. */}}
{{- define "ecr-anywhere.tls.isInjected" -}}
{{- range $name, $_ := .Values.mutatingWebhookConfiguration.annotations }}
{{- if contains "/inject-ca" $name }}true{{ end }}
{{- end }}
{{- end }}

{{/*
Ours have names of their own: Helm would not adopt a Secret that the user or cert-manager made, and cert-manager would
overwrite it.
*/}}
{{- define "ecr-anywhere.tls.secretName" -}}
{{- $mode := include "ecr-anywhere.tls.mode" . }}
{{- if eq $mode "existingSecret" -}}
{{ .Values.tlsSecretName | default "ecr-anywhere-tls" }}
{{- else if eq $mode "helm" -}}
{{ .Values.name }}-webhook-helm-tls
{{- else -}}
{{ .Values.name }}-webhook-tls
{{- end }}
{{- end }}

{{/* The CA of the chart's own: its issuer, its certificate and the Secret that holds its key. */}}
{{- define "ecr-anywhere.tls.caName" -}}
{{ .Values.name }}-webhook-ca
{{- end }}

{{/* What the API server is given to check the certificate with; nothing where somebody injects it. */}}
{{- define "ecr-anywhere.tls.caBundle" -}}
{{- if eq (include "ecr-anywhere.tls.mode" .) "helm" -}}
{{ index (include "ecr-anywhere.tls.helmMade" . | fromYaml) "ca.crt" }}
{{- else -}}
{{ regexReplaceAll "\\s" (.Values.caBundle | default "") "" }}
{{- end }}
{{- end }}

{{/* The names under which the webhook is called, as YAML. */}}
{{- define "ecr-anywhere.tls.dnsNames" -}}
{{- $service := printf "%s.%s" (include "ecr-anywhere.serviceName" .) (include "ecr-anywhere.namespace" .) -}}
- {{ $service }}
- {{ $service }}.svc
- {{ $service }}.svc.cluster.local
{{- end }}

{{/*
The data of the Secret that `tls.mode: helm` makes: what the cluster has, if it is for the same names, and otherwise a
certificate and a CA for ten years. Two templates need the same, so it is made once and kept in the values.
*/}}
{{- define "ecr-anywhere.tls.helmMade" -}}
{{- if not (hasKey .Values "helmMadeTls") }}
{{- $names := include "ecr-anywhere.tls.dnsNames" . | fromYamlArray }}
{{- $old := lookup "v1" "Secret" (include "ecr-anywhere.namespace" .) (include "ecr-anywhere.tls.secretName" .) }}
{{- $data := dict }}
{{- if and $old (eq (dig "metadata" "annotations" "ecr-anywhere.centml.ai/dns-names" "" $old) (join "," $names)) }}
{{- $data = $old.data }}
{{- else }}
{{- $ca := genCAWithKey (printf "%s-ca" .Values.name) 3650 (genPrivateKey "ecdsa") }}
{{- $leaf := genSignedCertWithKey (index $names 1) nil $names 3650 $ca (genPrivateKey "ecdsa") }}
{{- $data = dict "ca.crt" (b64enc $ca.Cert) "tls.crt" (b64enc $leaf.Cert) "tls.key" (b64enc $leaf.Key) }}
{{- end }}
{{- $_ := set .Values "helmMadeTls" $data }}
{{- end }}
{{- toYaml .Values.helmMadeTls }}
{{- end }}
