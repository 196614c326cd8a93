package io.asyncjobs.provisioning;

import io.asyncjobs.platform.problem.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/** The files of a zip, by name. All of its directory is checked before anything is unpacked. */
final class ManifestArchive {

    /** Files of scripts, the manifest, and what a repository may have beside them. */
    private static final int MAX_ENTRIES = 20_000;

    /** Unpacked; what an export holds at the most. */
    static final long MAX_BYTES = 24L * 1024 * 1024;

    /** A text of one character is compressed by about a thousand. */
    private static final long MAX_RATIO = 200;

    private static final long SMALL_BYTES = 1024 * 1024;

    private ManifestArchive() {}

    /**
     * The files with their bytes.
     *
     * @throws MalformedException for what is no zip, leads outside, holds links or duplicates, or is too large
     */
    static Map<String, byte[]> read(byte[] zip) {
        try (ZipFile archive = ZipFile.builder().setByteArray(zip).get()) {
            List<ZipArchiveEntry> entries = Collections.list(archive.getEntries());
            check(entries);
            Map<String, byte[]> files = new TreeMap<>();
            long left = MAX_BYTES;
            for (ZipArchiveEntry entry : entries) {
                if (entry.isDirectory()) {
                    continue;
                }
                if (!archive.canReadEntryData(entry)) {
                    throw malformed(
                            "holds '" + entry.getName() + "', which is encrypted or compressed in an unknown way");
                }
                byte[] bytes = unpacked(archive, entry, left);
                left -= bytes.length;
                files.put(entry.getName(), bytes);
            }
            return files;
        } catch (IOException | IllegalArgumentException e) {
            throw malformed("cannot be read: it is damaged or no zip");
        }
    }

    private static void check(List<ZipArchiveEntry> entries) {
        if (entries.size() > MAX_ENTRIES) {
            throw malformed("has %d entries; at most %d are allowed".formatted(entries.size(), MAX_ENTRIES));
        }
        Set<String> names = new HashSet<>();
        long bytes = 0;
        for (ZipArchiveEntry entry : entries) {
            String name = entry.getName();
            if (leadsOutside(name)) {
                throw malformed("holds '" + name + "', which leads outside of it");
            }
            if (entry.isUnixSymlink() || !(entry.isDirectory() || isFile(entry))) {
                throw malformed("holds '" + name + "', which is a link or no plain file");
            }
            if (!names.add(name)) {
                throw malformed("holds '" + name + "' more than once");
            }
            long size = entry.getSize();
            bytes += Math.max(0, size);
            if (bytes > MAX_BYTES) {
                throw malformed("would take more than %d bytes unpacked".formatted(MAX_BYTES));
            }
            if (size > SMALL_BYTES && size / Math.max(1, entry.getCompressedSize()) > MAX_RATIO) {
                throw malformed("holds '" + name + "', which is compressed more than scripts can be");
            }
        }
    }

    private static boolean leadsOutside(String name) {
        return name.isEmpty()
                || name.startsWith("/")
                || name.indexOf('\\') >= 0
                || name.indexOf(':') >= 0
                || name.indexOf('\0') >= 0
                || List.of(name.split("/", -1)).contains("..");
    }

    /** Archives that were not made on Unix do not say what an entry is. */
    private static boolean isFile(ZipArchiveEntry entry) {
        int kind = entry.getUnixMode() & 0xF000;
        return kind == 0 || kind == 0x8000;
    }

    /** What the directory says of a size need not be true. */
    private static byte[] unpacked(ZipFile archive, ZipArchiveEntry entry, long most) throws IOException {
        try (InputStream in = archive.getInputStream(entry)) {
            byte[] bytes = in.readNBytes((int) Math.min(Integer.MAX_VALUE - 8L, most + 1));
            if (bytes.length > most) {
                throw malformed("would take more than %d bytes unpacked".formatted(MAX_BYTES));
            }
            return bytes;
        }
    }

    private static MalformedException malformed(String what) {
        return new MalformedException("The archive " + what + ".");
    }
}
