{{/* A pod that works alone and ends, as the template of a Job: `chart` is the root, `name` the component, `command` what it runs,
     `group` has resources, nodeSelector and tolerations, and `files` names a ConfigMap that it sees in /etc/headstart. */}}
{{- define "headstart.jobPod" -}}
metadata:
  labels:
    {{- include "headstart.selector" .chart | nindent 4 }}
    app.kubernetes.io/component: {{ .name }}
spec:
  {{- include "headstart.pod" .chart | nindent 2 }}
  restartPolicy: Never
  # A run that is stopped takes down its Ray cluster.
  terminationGracePeriodSeconds: 120
  containers:
    - name: {{ .name }}
      {{- include "headstart.container" .chart | nindent 6 }}
        {{- with .env }}
        {{- . | nindent 8 }}
        {{- end }}
      command: {{ .command }}
      resources: {{- toYaml .group.resources | nindent 8 }}
      volumeMounts:
        {{- include "headstart.mounts" .chart | nindent 8 }}
        {{- if .chart.Values.persistence.enabled }}
        - {name: data, mountPath: /data}
        {{- end }}
        {{- with .mounts }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- if .files }}
        - {name: files, mountPath: /etc/headstart, readOnly: true}
        {{- end }}
  volumes:
    {{- include "headstart.volumes" .chart | nindent 4 }}
    {{- if .chart.Values.persistence.enabled }}
    - name: data
      persistentVolumeClaim: {claimName: {{ include "headstart.claim" .chart }}}
    {{- end }}
    {{- with .volumes }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- if .files }}
    - name: files
      configMap: {name: {{ .files }}}
    {{- end }}
  {{- with .group.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .group.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
