package stowage.rivals;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;

/**
 * The process of Fenzo: Harness &lt;workload file&gt; &lt;max offers to reject, -1 = default&gt;. It answers each
 * line "run &lt;ms&gt;" with a repetition as a line of JSON, as harness.ts does.
 */
public final class Harness {
    private Harness() {}

    public static void main(String[] args) throws Exception {
        Repetition repetition = new Repetition(Workload.read(Path.of(args[0])), Integer.parseInt(args[1]));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ");
            if (!words[0].equals("run")) throw new IllegalArgumentException("There is no command " + words[0]);
            System.out.println(repetition.run(Long.parseLong(words[1])));
        }
        repetition.shutdown();
    }
}
