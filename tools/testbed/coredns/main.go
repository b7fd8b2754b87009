// Command coredns is CoreDNS with the few plugins that a cluster's DNS needs.
//
// Upstream's own main links every plugin, with the client libraries of three
// clouds behind them; these build in a fraction of the time.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/template"
)

// A query goes through the plugins in this order: template answers what nobody else did.
func init() {
	dnsserver.Directives = []string{"bind", "errors", "hosts", "kubernetes", "template"}
}

func main() { coremain.Run() }
