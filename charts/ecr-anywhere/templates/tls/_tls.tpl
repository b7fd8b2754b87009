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

{{/* Whether an annotation of the user lets cert-manager or OpenShift inject a CA into the webhook configuration. */}}
{{- define "ecr-anywhere.tls.isInjected" -}}
{{- range $name, $_ := .Values.mutatingWebhookConfiguration.annotations }}
{{- if contains "/inject-ca" $name }}true{{ end }}
{{- end }}
{{- end }}

{{/*
The Secret that holds the webhook's certificate. Each mode has another name for it: Helm does not adopt a Secret that the user
or cert-manager made, and cert-manager would overwrite one of the user.
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

{{/* The CA with which the API server checks the certificate, in base64. Empty if somebody injects it. */}}
{{- define "ecr-anywhere.tls.caBundle" -}}
{{- if eq (include "ecr-anywhere.tls.mode" .) "helm" -}}
{{ index (include "ecr-anywhere.tls.helmMade" . | fromYaml) "ca.crt" }}
{{- else -}}
{{ regexReplaceAll "\\s" (.Values.caBundle | default "") "" }}
{{- end }}
{{- end }}

{{/*
The annotations with which cert-manager or OpenShift injects the CA into an object that calls the webhook, as YAML. Those of the
user are in mutatingWebhookConfiguration.annotations.
*/}}
{{- define "ecr-anywhere.tls.injection" -}}
{{- $annotations := dict }}
{{- range $name, $value := .Values.mutatingWebhookConfiguration.annotations }}
{{- if contains "/inject-ca" $name }}
{{- $_ := set $annotations $name $value }}
{{- end }}
{{- end }}
{{- if and (eq (include "ecr-anywhere.tls.mode" .) "certManager") (not (include "ecr-anywhere.tls.caBundle" .)) }}
{{- $from := printf "%s/%s" (include "ecr-anywhere.namespace" .) (include "ecr-anywhere.tls.secretName" .) }}
{{- $annotations = merge (dict "cert-manager.io/inject-ca-from" $from) $annotations }}
{{- end }}
{{- toYaml $annotations }}
{{- end }}

{{/* The names under which the webhook is called, as YAML. */}}
{{- define "ecr-anywhere.tls.dnsNames" -}}
{{- $service := printf "%s.%s" (include "ecr-anywhere.webhook.serviceName" .) (include "ecr-anywhere.namespace" .) -}}
- {{ $service }}
- {{ $service }}.svc
- {{ $service }}.svc.cluster.local
{{- end }}

{{/*
The data of the Secret of `tls.mode: helm`. If the cluster has one for the same names, it is kept. Otherwise Helm makes a
certificate and a CA, valid for ten years. Two templates need the same data, so the first one keeps it in the values.
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
