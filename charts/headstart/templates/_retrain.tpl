{{/* The command of a retraining, as a list. */}}
{{- define "headstart.retrain" -}}
[headstart, retrain, /etc/headstart/retrain.yaml, --set, {{ printf "workspace=%s" (include "headstart.workspace" .) }}, --set, {{ printf "registry.uri=%s" (include "headstart.registry" .) }}]
{{- end -}}
