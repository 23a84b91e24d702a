/**
 * Mounts a container's root: an overlay whose lower folder is seen through the user range of the container, so that
 * one unpacked image serves all containers and no file is copied or changes its owner. Node has no system calls for
 * this, and Perl is on every Debian; one short process does all steps in about 10 ms.
 * The numbers of the newer calls are the same on all architectures; those of `unshare` and `umount2` stand in a table.
 * The text is a constant rather than a file so that it is found from sources and from bundles alike.
 * Source: man 2 mount_setattr, open_tree, move_mount, fsopen.
 */

/**
 * For `perl -e SCRIPT LOWER IDMAPPED TARGET UPPER WORK HOST_ID COUNT`. With COUNT 0 owners are left as they are.
 * IDMAPPED is a folder that carries a mount for a moment only: the overlay holds its own reference.
 */
export const ROOT_MOUNT_SCRIPT: string = String.raw`
use strict; use warnings;
use POSIX ();
my ($lower, $idmapped, $target, $upper, $work, $host, $count) = @ARGV;
my %numbers = (x86_64 => [272, 166], aarch64 => [97, 39], riscv64 => [97, 39], ppc64le => [282, 52], s390x => [303, 52]);
my $machine = (POSIX::uname())[4];
my $calls = $numbers{$machine} or die "no system call numbers for $machine\n";
my ($unshare, $umount) = @$calls;
my $none = 0; my $empty = ""; my $here = -100;
sub call {
  my ($what, $number, @args) = @_;
  my $result = syscall($number, @args);
  die "$what: $!\n" if $result < 0;
  return $result;
}
if ($count > 0) {
  pipe(my $ready, my $say_ready) or die "pipe: $!\n";
  pipe(my $wait, my $go) or die "pipe: $!\n";
  my $child = fork();
  die "fork: $!\n" unless defined $child;
  if ($child == 0) {
    close $ready; close $go;
    my $new_user = 0x10000000;
    call("unshare", $unshare, $new_user);
    syswrite($say_ready, "x");
    sysread($wait, my $byte, 1);
    POSIX::_exit(0);
  }
  close $say_ready; close $wait;
  sysread($ready, my $byte, 1) or die "no user namespace\n";
  for my $map ("uid_map", "gid_map") {
    open(my $file, ">", "/proc/$child/$map") or die "$map: $!\n";
    syswrite($file, "0 $host $count\n") or die "$map: $!\n";
    close $file;
  }
  open(my $namespace, "<", "/proc/$child/ns/user") or die "user namespace: $!\n";
  my $clone = 1 | 0x80000;
  my $tree = call("open_tree $lower", 428, $here, $lower, $clone);
  my $attributes = pack("QQQQ", 0x100000, 0, 0, fileno($namespace));
  my ($empty_path, $size, $from_empty) = (0x1000, 32, 4);
  call("mount_setattr $lower", 442, $tree, $empty, $empty_path, $attributes, $size);
  call("move_mount $idmapped", 429, $tree, $empty, $here, $idmapped, $from_empty);
  close $go;
  waitpid($child, 0);
  $lower = $idmapped;
}
my $kind = "overlay"; my $close_on_exec = 1; my ($set_string, $create) = (1, 6);
my $context = call("fsopen overlay", 430, $kind, $close_on_exec);
for my $pair (["lowerdir", $lower], ["upperdir", $upper], ["workdir", $work]) {
  my ($key, $value) = @$pair;
  call("overlay $key=$value", 431, $context, $set_string, $key, $value, $none);
}
call("overlay", 431, $context, $create, $none, $none, $none);
my $no_devices = 4;
my $mount = call("fsmount overlay", 432, $context, $close_on_exec, $no_devices);
my $from_empty = 4;
call("move_mount $target", 429, $mount, $empty, $here, $target, $from_empty);
if ($count > 0) {
  my $detach = 2;
  call("umount $idmapped", $umount, $idmapped, $detach);
}
`;
