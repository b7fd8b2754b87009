# shellcheck shell=bash
# containerd, kubelet and kube-proxy.

cni_plugins=/usr/lib/cni
containerd_socket=$run/containerd/containerd.sock

start_containerd() {
  mkdir -p "$run/cni" "$run/containerd/certs.d"
  cat > "$run/cni/10-pods.conflist" << K
{
  "cniVersion": "1.0.0",
  "name": "pods",
  "plugins": [
    {
      "type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true,
      "ipam": { "type": "host-local", "ranges": [[{ "subnet": "${pod_cidr%/*}/24" }]], "routes": [{ "dst": "0.0.0.0/0" }] }
    }
  ]
}
K
  cat > "$run/containerd/config.toml" << K
version = 3
root = "$run/containerd/root"
state = "$run/containerd/state"
[grpc]
address = "$containerd_socket"
[plugins.'io.containerd.internal.v1.opt']
path = "$run/containerd/opt"
[plugins.'io.containerd.nri.v1.nri']
disable = true
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "localhost/busybox:1"
[plugins.'io.containerd.cri.v1.images'.registry]
config_path = "$run/containerd/certs.d"
[plugins.'io.containerd.cri.v1.runtime']
restrict_oom_score_adj = true # machines without CAP_SYS_RESOURCE
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ["$cni_plugins"]
conf_dir = "$run/cni"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
K
  start containerd containerd --config "$run/containerd/config.toml"
}

start_node() {
  wait_for containerd containerd containerd_answers
  load "$home/images/busybox.tar"
  start_kubelet
  start_kube_proxy
}

start_kubelet() {
  cat > "$run/kubelet.yaml" << K
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix://$containerd_socket
authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: $run/pki/ca.crt } }
authorization: { mode: Webhook }
clusterDNS: [$dns_ip]
clusterDomain: $domain
resolvConf: $run/resolv.conf
cgroupDriver: cgroupfs
cgroupRoot: /$cgroup
failCgroupV1: false
failSwapOn: false
# Kubelet must not react to a full disk of the machine, or delete loaded images.
evictionHard: { nodefs.available: 1%, imagefs.available: 1% }
imageGCHighThresholdPercent: 100
serializeImagePulls: false
volumePluginDir: $run/kubelet/plugins
K
  start kubelet kubelet --kubeconfig="$run/kubelet.kubeconfig" --config="$run/kubelet.yaml" --root-dir="$run/kubelet" \
    --cert-dir="$run/kubelet/pki" --hostname-override=node1 --node-ip="$node_ip"
}

start_kube_proxy() {
  cat > "$run/kube-proxy.yaml" << K
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: { kubeconfig: $run/kube-proxy.kubeconfig }
mode: iptables
clusterCIDR: $pod_cidr
hostnameOverride: node1
conntrack: { maxPerCore: 0 } # a setting of the whole machine
K
  start kube-proxy kube-proxy --config="$run/kube-proxy.yaml"
}

# Pods can be created when the default ServiceAccount exists.
wait_for_node() {
  wait_for kubelet "the node" kubectl wait --for=condition=Ready node/node1 --timeout=1s
  wait_for kube-controller-manager "the default service account" kubectl get serviceaccount default --namespace default
  wait_for coredns CoreDNS execute getent hosts "kubernetes.default.svc.$domain"
}
