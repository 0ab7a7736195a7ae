#!/bin/sh
# Installs what `make test` needs and is not there yet: PostgreSQL's server
# programs, a C compiler, Chromium that speaks Chinese, a Chinese font, Node.js,
# curl, nginx, Caddy, Prometheus and what checks a unit of systemd from the
# distribution's packages, the linters into the repository's bin/, what the example
# client in TypeScript is made with into its folder. Running it again is quick and
# needs no network.
#
# Root is needed only when a package is missing; an ordinary user is asked for
# sudo then.
set -eu

GOLANGCI_LINT_VERSION=v2.15.0
GOVULNCHECK_VERSION=v1.9.0

root=$(cd "$(dirname "$0")/.." && pwd)
bin=$root/bin

say() { printf '   %s\n' "$*"; }
die() {
	printf 'install-test-needs: %s\n' "$*" >&2
	exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# --- packages ---------------------------------------------------------------

# have_postgres: are the server's programs, version 15 or later, on this machine?
# PostgreSQL refuses to run as root, so root needs the user postgres as well.
have_postgres() {
	if [ "$(id -u)" = 0 ] && ! id postgres >/dev/null 2>&1; then
		return 1
	fi
	for dir in /usr/lib/postgresql/*/bin; do
		version=${dir#/usr/lib/postgresql/}
		version=${version%/bin}
		case $version in '' | *[!0-9]*) continue ;; esac
		if [ "$version" -ge 15 ] && [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && [ -x "$dir/postgres" ]; then
			return 0
		fi
	done
	if have initdb && have pg_ctl && have postgres; then
		version=$(postgres --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
		[ "$version" -ge 15 ] && return 0
	fi
	return 1
}

# have_cc: can a C program be compiled and linked? The race detector needs it.
have_cc() {
	have gcc && printf 'int main(void){return 0;}\n' | gcc -x c -o /dev/null - >/dev/null 2>&1
}

# have_chromium: is there a browser that runs? The names are those that the tests
# look for. (Ubuntu's chromium-browser may be a mere pointer to a snap.)
have_chromium() {
	for name in chromium chromium-browser google-chrome google-chrome-stable; do
		have "$name" && "$name" --version >/dev/null 2>&1 && return 0
	done
	return 1
}

# lacks_chinese_words: is Chromium Debian's, whose own texts in other languages
# than English are a package by themselves, and is that missing?
lacks_chinese_words() {
	[ -d /usr/lib/chromium/locales ] && [ ! -e /usr/lib/chromium/locales/zh-CN.pak ]
}

# have_chinese_font: do pages show Chinese and not empty boxes?
have_chinese_font() {
	have fc-list && [ -n "$(fc-list :lang=zh-cn family 2>/dev/null)" ]
}

# have_node: is there Node.js 18 or later, with npm?
have_node() {
	have npm && have node && [ "$(node --version | sed 's/v\([0-9]*\).*/\1/')" -ge 18 ]
}

# as_root COMMAND…
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

packages=
have_postgres || packages="$packages postgresql"
have_cc || packages="$packages gcc libc6-dev"
[ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/pki/tls/certs/ca-bundle.crt ] || [ -e /etc/ssl/cert.pem ] || packages="$packages ca-certificates"
have_chromium || packages="$packages chromium"
if lacks_chinese_words || { ! have_chromium && apt-cache show chromium-l10n >/dev/null 2>&1; }; then
	packages="$packages chromium-l10n"
fi
have_chinese_font || packages="$packages fontconfig fonts-noto-cjk"
have npm && have node || packages="$packages nodejs npm"
have curl || packages="$packages curl"
have systemd-analyze || packages="$packages systemd"
have nginx || [ -x /usr/sbin/nginx ] || packages="$packages nginx-light"
have caddy || packages="$packages caddy"
have promtool && have prometheus || packages="$packages prometheus"
# Further packages that the tests need are named here, each with its own check.

if [ -n "$packages" ]; then
	have apt-get || die "these are missing, and there is no apt-get to install them:$packages (PostgreSQL 15 or later)"
	if [ "$(id -u)" != 0 ] && ! have sudo; then
		die "these packages are missing, and installing them needs root or sudo:$packages"
	fi
	say "installing:$packages"

	# The tests start a server of their own. Debian's package would set up and
	# start another one for the whole machine; it is told not to this once.
	noserver=/etc/postgresql-common/createcluster.d/whistle-test-needs.conf
	case $packages in
	*postgresql*)
		as_root mkdir -p "${noserver%/*}"
		printf 'create_main_cluster = false\n' | as_root tee "$noserver" >/dev/null
		trap 'as_root rm -f "$noserver"' EXIT
		trap 'exit 1' HUP INT TERM
		;;
	esac

	as_root apt-get -q -o Acquire::Retries=3 update || say "the package lists could not be refreshed; trying with those at hand"
	# shellcheck disable=SC2086 # the list is split into words on purpose
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 \
		-o Dpkg::Options::=--force-confold install --no-install-recommends $packages </dev/null

	# Nor are these wanted for the whole machine, beside the tests' own.
	for unit in prometheus caddy; do
		case $packages in
		*$unit*) as_root systemctl disable --now $unit >/dev/null 2>&1 || : ;; # there may be no systemd
		esac
	done

	have_postgres || die "the distribution's package gave no PostgreSQL 15 or later"
	have_cc || die "gcc was installed but cannot link a program"
	have_chromium || die "the distribution's package gave no Chromium that runs"
	have_chinese_font || die "the distribution's package gave no Chinese font"
fi

# --- Go tools ---------------------------------------------------------------

have go || die "Go is missing; go.mod says which version, https://go.dev/dl has it"

# go_tool NAME MODULE PACKAGE VERSION: installs into bin/ unless this very
# version, built by the Go in use, is there. (A linter built by an older Go
# cannot read code for a newer one.)
go_tool() {
	built=$(go version -m "$bin/$1" 2>/dev/null) || built=
	if [ -n "$built" ] &&
		printf '%s\n' "$built" | head -n 1 | grep -q ": $goversion\$" &&
		printf '%s\n' "$built" | awk -v m="$2" -v v="$4" '$1 == "mod" && $2 == m && $3 == v { ok = 1 } END { exit !ok }'; then
		return 0
	fi
	say "building $1 $4"
	# Outside the module, so that its go.mod neither matters nor changes.
	(cd / && GOBIN=$bin GOFLAGS=-buildvcs=false go install "$3@$4") || die "$1 $4 could not be installed"
}

goversion=$(cd "$root" && go env GOVERSION)
mkdir -p "$bin"
go_tool golangci-lint github.com/golangci/golangci-lint/v2 github.com/golangci/golangci-lint/v2/cmd/golangci-lint "$GOLANGCI_LINT_VERSION"
go_tool govulncheck golang.org/x/vuln golang.org/x/vuln/cmd/govulncheck "$GOVULNCHECK_VERSION"

# --- npm packages -----------------------------------------------------------

have_node || die "Node.js 18 or later is needed, with npm"
client=$root/api/typescript
if ! cmp -s "$client/package-lock.json" "$client/node_modules/.installed-for"; then
	say "installing the npm packages of api/typescript"
	(cd "$client" && npm ci --no-fund --no-audit --ignore-scripts --loglevel=error) || die "the npm packages could not be installed"
	cp "$client/package-lock.json" "$client/node_modules/.installed-for"
fi

say "what the tests need is there"
