package io.asyncjobs.bench.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A file system of its own in a file, which can be filled up without harm to others; needs the machine's superuser. */
final class SmallDisk implements AutoCloseable {

    private static final String SIZE = "6G";

    private final Path mount;
    private final Path image;

    private SmallDisk(Path mount, Path image) {
        this.mount = mount;
        this.image = image;
    }

    /** Makes one below that folder; empty where that is not allowed. */
    static Optional<SmallDisk> in(Path folder) throws IOException, InterruptedException {
        Path image = folder.resolve("disk.img");
        Path mount = Files.createDirectories(folder.resolve("disk"));
        if (runs("truncate", "-s", SIZE, image.toString())
                && runs("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1", image.toString())
                && runs("mount", "-o", "loop", image.toString(), mount.toString())) {
            return Optional.of(new SmallDisk(mount, image));
        }
        Files.deleteIfExists(image);
        return Optional.empty();
    }

    Path folder() {
        return mount;
    }

    /** Takes all room there is. */
    void fill() throws IOException, InterruptedException {
        for (int i = 0; i < 20; i++) {
            long left = Files.getFileStore(mount).getUsableSpace();
            if (left < 8_192) {
                break;
            }
            // The last pieces need some room for being told of
            long size = i < 3 ? left : Math.max(4_096, left / 2);
            runs("fallocate", "-l", Long.toString(size), ballast(i).toString());
        }
    }

    void free() throws IOException {
        for (int i = 0; i < 20; i++) {
            Files.deleteIfExists(ballast(i));
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (runs("umount", mount.toString())) {
            Files.deleteIfExists(image);
        }
    }

    private Path ballast(int number) {
        return mount.resolve("ballast-" + number);
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 || said.contains("already");
        } catch (IOException e) {
            return false;
        }
    }
}
