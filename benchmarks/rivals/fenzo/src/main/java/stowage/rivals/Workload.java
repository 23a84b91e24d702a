package stowage.rivals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The lines of workload-file.ts. Residents are refused: Fenzo is measured on an empty cluster only. */
record Workload(String fitness, String zones, int agents, Amounts agentTotals, List<Task> tasks) {

    /** In the units that Fenzo counts in: cores, and MB for what the file calls MiB. */
    record Amounts(double cpuCores, double memoryMb, double networkMbps, double diskMb) {
        static Amounts of(String[] fields) {
            return new Amounts(
                Double.parseDouble(fields[1]) / 1000,
                Double.parseDouble(fields[2]),
                Double.parseDouble(fields[3]),
                Double.parseDouble(fields[4]));
        }
    }

    /** zone -1 = any. */
    record Task(Amounts amounts, int zone, int job) {}

    static Workload read(Path file) throws IOException {
        String[] policy = {};
        int agents = 0;
        Amounts agentTotals = null;
        List<Task> tasks = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            String[] fields = line.split("\t");
            switch (fields[0]) {
                case "policy" -> policy = fields;
                case "agents" -> {
                    agents = Integer.parseInt(fields[1]);
                    agentTotals = Amounts.of(Arrays.copyOfRange(fields, 1, fields.length));
                }
                case "task" -> tasks.add(
                    new Task(Amounts.of(fields), Integer.parseInt(fields[5]), Integer.parseInt(fields[6])));
                default -> throw new IllegalArgumentException("The workload has the line " + line);
            }
        }
        return new Workload(policy[1], policy[2], agents, agentTotals, tasks);
    }
}
