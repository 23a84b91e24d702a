package stowage.rivals;

import com.netflix.fenzo.ConstraintEvaluator;
import com.netflix.fenzo.TaskRequest;
import com.netflix.fenzo.VMTaskFitnessCalculator;
import com.netflix.fenzo.plugins.BalancedHostAttrConstraint;
import com.netflix.fenzo.plugins.BinPackingFitnessCalculators;
import com.netflix.fenzo.plugins.HostAttrValueConstraint;
import com.netflix.fenzo.plugins.SpreadingFitnessCalculators;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The policies of a workload in Fenzo's terms, and its tasks with them. */
final class Burst {
    private static final String ZONE = "zone";

    private final Workload workload;
    private final Map<Integer, Set<String>> idsOfJob = new HashMap<>();

    Burst(Workload workload) {
        this.workload = workload;
        for (int i = 0; i < workload.tasks().size(); i++) {
            idsOfJob.computeIfAbsent(workload.tasks().get(i).job(), job -> new HashSet<>()).add(id(i));
        }
    }

    static String id(int index) {
        return "task-" + index;
    }

    static int indexOf(String id) {
        return Integer.parseInt(id.substring("task-".length()));
    }

    VMTaskFitnessCalculator fitness() {
        return switch (workload.fitness()) {
            case "packing" -> BinPackingFitnessCalculators.cpuMemBinPacker;
            case "spreading" -> SpreadingFitnessCalculators.cpuMemSpreader;
            default -> throw new IllegalArgumentException("There is no fitness " + workload.fitness());
        };
    }

    List<TaskRequest> tasks() {
        List<TaskRequest> requests = new ArrayList<>();
        for (Workload.Task task : workload.tasks()) {
            requests.add(new BurstTask(id(requests.size()), task.amounts(), hard(task), soft(task)));
        }
        return requests;
    }

    private List<ConstraintEvaluator> hard(Workload.Task task) {
        if (task.zone() < 0) return null;
        String zone = Cluster.ZONES.get(task.zone());
        return List.of(new HostAttrValueConstraint(ZONE, taskId -> zone));
    }

    private List<VMTaskFitnessCalculator> soft(Workload.Task task) {
        if (!workload.zones().equals("balanced")) return null;
        Set<String> coTasks = idsOfJob.get(task.job());
        return List.of(
            new BalancedHostAttrConstraint(taskId -> coTasks, ZONE, Cluster.ZONES.size()).asSoftConstraint());
    }
}
