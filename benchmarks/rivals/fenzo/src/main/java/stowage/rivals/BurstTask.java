package stowage.rivals;

import com.netflix.fenzo.ConstraintEvaluator;
import com.netflix.fenzo.TaskRequest;
import com.netflix.fenzo.VMTaskFitnessCalculator;
import java.util.List;
import java.util.Map;

/** A task as Fenzo asks for it: everything is at hand, so that its getters cost nothing. */
final class BurstTask implements TaskRequest {
    private final String id;
    private final Workload.Amounts amounts;
    private final List<ConstraintEvaluator> hard;
    private final List<VMTaskFitnessCalculator> soft;
    private AssignedResources assigned;

    BurstTask(
            String id,
            Workload.Amounts amounts,
            List<ConstraintEvaluator> hard,
            List<VMTaskFitnessCalculator> soft) {
        this.id = id;
        this.amounts = amounts;
        this.hard = hard;
        this.soft = soft;
    }

    @Override
    public String getId() {
        return id;
    }

    @Override
    public String taskGroupName() {
        return "burst";
    }

    @Override
    public double getCPUs() {
        return amounts.cpuCores();
    }

    @Override
    public double getMemory() {
        return amounts.memoryMb();
    }

    @Override
    public double getNetworkMbps() {
        return amounts.networkMbps();
    }

    @Override
    public double getDisk() {
        return amounts.diskMb();
    }

    @Override
    public int getPorts() {
        return 0;
    }

    @Override
    public Map<String, Double> getScalarRequests() {
        return null;
    }

    @Override
    public Map<String, NamedResourceSetRequest> getCustomNamedResources() {
        return null;
    }

    @Override
    public List<ConstraintEvaluator> getHardConstraints() {
        return hard;
    }

    @Override
    public List<VMTaskFitnessCalculator> getSoftConstraints() {
        return soft;
    }

    @Override
    public void setAssignedResources(AssignedResources resources) {
        assigned = resources;
    }

    @Override
    public AssignedResources getAssignedResources() {
        return assigned;
    }
}
