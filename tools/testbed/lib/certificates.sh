# shellcheck shell=bash
# The cluster's certificate authorities, and a kubeconfig for each program with the user name that Kubernetes' roles expect.

make_certificates() {
  mkdir "$run/pki"
  authority ca
  authority front-proxy-ca
  openssl ecparam -genkey -noout -name prime256v1 -out "$run/pki/service-account.key"
  certificate ca apiserver /CN=kube-apiserver "IP:127.0.0.1,IP:$node_ip,IP:$kubernetes_ip,DNS:localhost,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.$domain"
  certificate front-proxy-ca front-proxy /CN=front-proxy-client
  certificate ca apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client
  kubeconfig admin /O=system:masters/CN=admin
  kubeconfig kube-controller-manager /CN=system:kube-controller-manager
  kubeconfig kube-scheduler /CN=system:kube-scheduler
  kubeconfig kube-proxy /CN=system:kube-proxy
  kubeconfig kubelet /O=system:nodes/CN=system:node:node1
  kubeconfig coredns /O=system:masters/CN=coredns
  kubeconfig cert-manager /O=system:masters/CN=cert-manager
}

authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=testbed-$1" \
    -keyout "$run/pki/$1.key" -out "$run/pki/$1.crt" 2> /dev/null
}

# certificate AUTHORITY NAME SUBJECT [SUBJECT ALTERNATIVE NAMES]
certificate() {
  local file=$run/pki/$2
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$3" -keyout "$file.key" -out "$file.csr" 2> /dev/null
  openssl x509 -req -in "$file.csr" -CA "$run/pki/$1.crt" -CAkey "$run/pki/$1.key" -set_serial "0x$(openssl rand -hex 16)" -days 30 \
    -out "$file.crt" -extfile <(printf 'extendedKeyUsage=serverAuth,clientAuth\n%s' "${4:+subjectAltName=$4}") 2> /dev/null
  rm "$file.csr"
}

# kubeconfig NAME SUBJECT
kubeconfig() {
  certificate ca "$1" "$2"
  cat > "$run/$1.kubeconfig" << K
apiVersion: v1
kind: Config
clusters: [{ name: testbed, cluster: { server: 'https://127.0.0.1:6443', certificate-authority: $run/pki/ca.crt } }]
users: [{ name: $1, user: { client-certificate: $run/pki/$1.crt, client-key: $run/pki/$1.key } }]
contexts: [{ name: testbed, context: { cluster: testbed, user: $1 } }]
current-context: testbed
K
}
