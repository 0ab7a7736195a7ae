#!/bin/sh
# Fetches anew what others wrote and the repository keeps a copy of: the files
# named in internal/web/static/VENDORED.md, from the npm registry that npm is
# configured for. A file whose checksum differs from the one written there stops
# it, and nothing is changed.
#
# To take a new version change its row there, checksum included, and run this.
# To take another icon add its name, from https://tabler.io/icons, to icons.txt.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
static=$root/internal/web/static
list=$static/VENDORED.md

die() {
	printf 'vendor-assets: %s\n' "$*" >&2
	exit 1
}
command -v npm >/dev/null 2>&1 || die "npm is missing"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# unpack PACKAGE VERSION: prints the folder with the package's files.
unpack() {
	folder=$work/packages/$1-$2
	if [ ! -d "$folder" ]; then
		mkdir -p "$folder"
		(cd "$folder" && npm pack --silent "$1@$2" >/dev/null) || die "$1 $2 could not be fetched"
		tar -xzf "$folder"/*.tgz -C "$folder"
	fi
	printf '%s\n' "$folder/package"
}

# Rows of the table: | file | package | version | path in it | licence | sha256 |
rows=$work/rows
awk -F ' *\\| *' '/^\| (internal|\.\.)\// { gsub(/`/, ""); print $2, $3, $4, $5, $7 }' "$list" >"$rows"
[ -s "$rows" ] || die "no rows in $list"

while read -r file package version path sum; do
	folder=$(unpack "$package" "$version")
	got=$(sha256sum "$folder/$path" | cut -d ' ' -f 1)
	[ "$got" = "$sum" ] || die "$package $version $path has the checksum $got, not $sum"
	mkdir -p "$work/new/$(dirname "$file")"
	cp "$folder/$path" "$work/new/$file"
done <"$rows"

# The icons in use, as one sprite. The width of their strokes is left to the
# stylesheet.
version=$(awk -F ' *\\| *' '$3 == "@tabler/icons" { print $4 }' "$list")
folder=$(unpack @tabler/icons "$version")
sprite=$work/new/internal/web/static/icons.svg
{
	printf '<svg xmlns="http://www.w3.org/2000/svg">\n'
	grep -v '^#' "$static/icons.txt" | while read -r name; do
		svg=$folder/icons/outline/$name.svg
		[ -f "$svg" ] || die "there is no icon $name"
		printf '<symbol id="%s" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">' "$name"
		grep '^ *<path' "$svg" | grep -v 'M0 0h24v24H0z' | sed 's/^ *//; s| />$|/>|' | tr -d '\n'
		printf '</symbol>\n'
	done
	printf '</svg>\n'
} >"$sprite"
[ "$(grep -c '<symbol' "$sprite")" = "$(grep -vc '^#' "$static/icons.txt")" ] || die "the sprite lacks icons"

cp -R "$work/new/." "$root/"
printf '   %s files and the icons are there\n' "$(wc -l <"$rows")"
