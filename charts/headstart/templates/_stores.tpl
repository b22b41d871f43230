{{/* Where the workspace and the registry are. */}}
{{- define "headstart.workspace" -}}
{{- default (ternary "/data/work" "" .Values.persistence.enabled) .Values.workspace -}}
{{- end -}}

{{- define "headstart.registry" -}}
{{- default (ternary "/data/registry" "" .Values.persistence.enabled) .Values.registry -}}
{{- end -}}

{{- define "headstart.claim" -}}
{{- default (printf "%s-data" (include "headstart.fullname" .)) .Values.persistence.existingClaim -}}
{{- end -}}

{{/* The port of an address: the one it names, or that of its scheme. */}}
{{- define "headstart.port" -}}
{{- $url := urlParse . -}}
{{- $named := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- default (ternary "80" "443" (eq $url.scheme "http")) $named -}}
{{- end -}}
