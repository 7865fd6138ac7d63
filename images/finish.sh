#!/bin/sh
# The last step inside a fresh tree, run by mmdebstrap before it packs it: takes out what nobody needs at work and
# whatever would differ from one build to the next. Called with the tree, in which drop.txt, compile.py and identity.sh
# lie in /tmp beside this file. Does not belong here: what is installed (base.txt, office.txt).
#
# It goes on with the tree as its root, so that no link of a package leads out of it.
# mmdebstrap mounts /proc, /sys and /dev of the building machine in the tree: nothing here may walk into them.
set -eu
umask 022
number() { stat -L -c %d:%i "$1"; }
if [ "${2-}" = "" ]; then
    tree=$1
    [ "$(number "$tree")" != "$(number /)" ] && [ -f "$tree/tmp/finish.sh" ] && [ ! -L "$tree/tmp" ] ||
        { echo "finish.sh works on a fresh tree alone" >&2; exit 1; }
    exec chroot "$tree" /bin/sh /tmp/finish.sh / "$(number "$tree")"
fi
# Only the tree itself has this number, never the machine that builds.
[ "$1" = / ] && [ "$(number /)" = "$2" ] && [ -f /tmp/identity.sh ] ||
    { echo "finish.sh works on a fresh tree alone" >&2; exit 1; }
cd /

# packages
installed=$(dpkg-query -W -f '${Package}\n')
gone=""
while read -r name; do
    case $name in
        '' | '#'*) continue ;;
        *'*') found=$(printf '%s\n' "$installed" | grep "^${name%\*}" || true) ;;
        *) found=$(printf '%s\n' "$installed" | grep -Fx "$name" || true) ;;
    esac
    gone="$gone $found"
done < tmp/drop.txt
# shellcheck disable=SC2086
[ -z "$(echo $gone)" ] || dpkg --purge --force-depends --force-remove-essential $gone > /dev/null 2>&1

# alternatives that only the removed packages gave, and what their scripts left behind
find etc/alternatives usr/bin usr/sbin usr/share -xtype l -lname '/*' | while read -r link; do
    target=$(readlink "$link")
    [ -e "$target" ] || [ -L "$target" ] || rm -f "$link"
done

# manuals, translations, examples; copyright notices stay
find usr/share/doc -mindepth 1 ! -type d ! -name 'copyright*' -delete
find usr/share/doc -mindepth 1 -type d -empty -delete
rm -rf usr/share/man usr/share/info usr/share/locale usr/share/lintian usr/share/bug usr/share/doc-base \
    usr/share/groff usr/share/gitweb usr/share/bash-completion usr/share/zsh usr/share/fish usr/share/applications \
    usr/share/icons usr/share/pixmaps usr/share/menu usr/share/common-licenses/*.gz usr/share/vim usr/share/emacs \
    usr/share/perl/5.*/pod usr/share/i18n usr/include usr/games usr/local/games usr/local/man usr/share/metainfo \
    usr/share/tcltk usr/share/javascript usr/share/fonts/X11 usr/share/fonts/type1/urw-base35 usr/share/gcc usr/share/gdb usr/lib/systemd usr/lib/udev
find usr/share/perl usr/lib -name '*.pod' -delete
find usr/lib -name '*.a' -delete

# the tests and headers that scientific packages carry with them
packages=usr/lib/python3/dist-packages
find "$packages" -depth -type d \( -name tests -o -name test \) -path "$packages/*/*" \
    ! -path "$packages/numpy/*testing*" -exec rm -rf {} +
rm -rf usr/lib/python3*/test usr/lib/python3*/idlelib usr/lib/python3*/turtledemo usr/lib/python3*/lib2to3 \
    usr/lib/python3*/pydoc_data "$packages"/numpy/_core/include "$packages"/matplotlib/mpl-data/sample_data \
    usr/share/matplotlib/sample_data usr/share/python-wheels/*-wheel

find usr/lib/python3* usr/local/lib/python3* -type f \( -name '*.c' -o -name '*.h' -o -name '*.pyx' -o -name '*.pxd' \
    -o -name '*.pyi' -o -name '*.pxi' \) -delete

# what only tests of libraries load, faces that no PDF takes for granted, fonts that are there twice
rm -f "$packages"/numpy/_core/_simd.*.so "$packages"/numpy/_core/*_tests.*.so
rm -rf "$packages"/numpy/f2py/src usr/share/python-wheels/setuptools-*
for font in usr/share/matplotlib/mpl-data/fonts/ttf/DejaVu*.ttf; do
    [ ! -e "usr/share/fonts/truetype/dejavu/${font##*/}" ] || ln -sf "/usr/share/fonts/truetype/dejavu/${font##*/}" "$font"
done
for face in C059 P052 URWBookman URWGothic Z003; do rm -f usr/share/fonts/opentype/urw-base35/$face-*; done

# Perl is here for git and for one-liners: not for building modules, sorting by Unicode or the encodings of Asia
for perl in usr/lib/*/perl/5.*; do
    rm -rf "$perl"/CORE "$perl"/auto/Encode/JP "$perl"/auto/Encode/KR "$perl"/auto/Encode/CN "$perl"/auto/Encode/TW \
        "$perl"/auto/Encode/EBCDIC "$perl"/auto/Unicode/Collate
done
for perl in usr/share/perl/5.*; do
    rm -rf "$perl"/Unicode/Collate "$perl"/unicore/TestNorm.pl "$perl"/Module/CoreList* "$perl"/Test2 "$perl"/ExtUtils \
        "$perl"/CPAN* "$perl"/TAP "$perl"/Pod/Perldoc* "$perl"/perl5db.pl
done
rm -rf usr/share/X11/locale

# git as a server, over mail and to other systems
for name in daemon http-backend http-push http-fetch imap-send shell p4 send-email svn cvsserver cvsimport \
    cvsexportcommit instaweb archimport citool gui gui--askpass web--browse request-pull sh-i18n--envsubst; do
    rm -f "usr/lib/git-core/git-$name" "usr/bin/git-$name"
done
rm -f usr/bin/scalar usr/lib/git-core/scalar

# set-user-id programs have no work in a place without other users
find bin/ etc lib/ sbin/ usr var -xdev -perm /6000 -type f -delete
find etc usr var -xdev -perm /6000 -type d -exec chmod a-s {} +

# what differs from build to build, or tells of the machine that built
find etc usr var -xdev -name __pycache__ -type d -prune -exec rm -rf {} +
rm -rf var/lib/dpkg/*-old var/lib/dpkg/info var/lib/dpkg/triggers var/lib/dpkg/lock* var/lib/dpkg/diversions-old \
    var/cache/* var/log/* var/backups/* var/lib/apt var/lib/systemd var/lib/ucf var/lib/pam var/tmp/* run/* \
    etc/passwd- etc/group- etc/shadow- etc/gshadow- etc/subuid- etc/subgid- etc/.pwd.lock etc/ld.so.cache~ root/.??* \
    etc/apt etc/dpkg/dpkg.cfg.d/99mmdebstrap etc/ssh etc/cron* etc/logrotate.d etc/systemd etc/init.d etc/rc*.d etc/X11 boot/* srv media opt home
mkdir -p var/lib/dpkg/info
rm -rf var/lib/dpkg/info/*
sh tmp/identity.sh .

# compiled Python, one module after the other: the order is part of the bytes
env PYTHONHASHSEED=0 MPLCONFIGDIR=/tmp HOME=/tmp python3 -P /tmp/compile.py
rm -rf var/cache/* tmp/* root/.??*

# the places where a task's files appear, and everything readable: nothing here is secret
mkdir -p work outputs uploads home mnt opt srv media var/tmp var/log var/cache
chmod 1777 tmp var/tmp
find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev \) -prune -o ! -type l -exec chmod a+rX,u+w {} +
