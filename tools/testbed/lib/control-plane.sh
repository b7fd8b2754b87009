# shellcheck shell=bash
# etcd, the API server, the controllers, the scheduler; CoreDNS and cert-manager. All of them processes of the node.

start_control_plane() {
  local pki=$run/pki
  start etcd etcd --data-dir="$run/etcd" --unsafe-no-fsync --listen-client-urls=http://127.0.0.1:2379 \
    --advertise-client-urls=http://127.0.0.1:2379 --listen-peer-urls=http://127.0.0.1:2380
  start kube-apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 --secure-port=6443 --advertise-address="$node_ip" \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" \
    --service-account-key-file="$pki/service-account.key" --service-account-signing-key-file="$pki/service-account.key" \
    --service-account-issuer="https://kubernetes.default.svc.$domain" --service-cluster-ip-range="$service_cidr" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
    --kubelet-client-certificate="$pki/apiserver-kubelet-client.crt" --kubelet-client-key="$pki/apiserver-kubelet-client.key" \
    --kubelet-preferred-address-types=InternalIP \
    --requestheader-client-ca-file="$pki/front-proxy-ca.crt" --requestheader-allowed-names=front-proxy-client \
    --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
    --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file="$pki/front-proxy.crt" --proxy-client-key-file="$pki/front-proxy.key"
  wait_for kube-apiserver "the API server" kubectl get --raw /readyz
  start kube-controller-manager kube-controller-manager --kubeconfig="$run/kube-controller-manager.kubeconfig" --leader-elect=false \
    --root-ca-file="$pki/ca.crt" --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key" \
    --service-account-private-key-file="$pki/service-account.key" --use-service-account-credentials=true \
    --allocate-node-cidrs=true --cluster-cidr="$pod_cidr"
  start kube-scheduler kube-scheduler --kubeconfig="$run/kube-scheduler.kubeconfig" --leader-elect=false
}

start_addons() {
  start_coredns
  kubectl apply --server-side -f "$home/crds" > /dev/null
  kubectl create namespace cert-manager > /dev/null
  wait_for kube-apiserver "cert-manager's resources" kubectl wait --for=condition=Established crd --all
  start cert-manager cert-manager "$run/cert-manager.kubeconfig"
}

# The node's address is the endpoint of the usual Service. Names outside the cluster do not exist, except those
# in $run/hosts, which CoreDNS reads again when it changes.
start_coredns() {
  touch "$run/hosts"
  cat > "$run/Corefile" << K
. {
  bind $node_ip
  errors
  hosts $run/hosts {
    reload 1s
    fallthrough
  }
  kubernetes $domain in-addr.arpa ip6.arpa {
    kubeconfig $run/coredns.kubeconfig
  }
  template ANY ANY {
    rcode NXDOMAIN
  }
}
K
  start coredns coredns -conf "$run/Corefile"
  kubectl apply -f - > /dev/null << K
apiVersion: v1
kind: Service
metadata: { name: kube-dns, namespace: kube-system, labels: { k8s-app: kube-dns } }
spec:
  clusterIP: $dns_ip
  ports: [{ name: dns, port: 53, protocol: UDP }, { name: dns-tcp, port: 53, protocol: TCP }]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: kube-dns, namespace: kube-system, labels: { kubernetes.io/service-name: kube-dns } }
addressType: IPv4
endpoints: [{ addresses: [$node_ip] }]
ports: [{ name: dns, port: 53, protocol: UDP }, { name: dns-tcp, port: 53, protocol: TCP }]
K
}

host() {
  [ $# = 2 ] || fail "Usage: cluster.sh host NAME ADDRESS"
  [ -e "$run/hosts" ] || fail "The cluster is down: run cluster.sh up first."
  echo "$2 $1" >> "$run/hosts"
}

# For programs of the node, for pods with `dnsPolicy: Default`, and, as in a pod, for `cluster.sh exec`.
write_resolvers() {
  echo "nameserver $node_ip" > "$run/resolv.conf"
  { cat "$run/resolv.conf"; printf 'search default.svc.%s svc.%s %s\noptions ndots:5\n' "$domain" "$domain" "$domain"; } > "$run/exec-resolv.conf"
}
