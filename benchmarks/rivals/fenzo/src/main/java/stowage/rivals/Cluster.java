package stowage.rivals;

import com.netflix.fenzo.VirtualMachineLease;
import com.netflix.fenzo.plugins.VMLeaseObject;
import java.util.List;
import org.apache.mesos.Protos;

/**
 * Offers of whole hosts, as a Mesos master would make them. Host names have leading zeros: Fenzo decides ties by
 * name, and by name the order is then that of the rows.
 */
final class Cluster {
    static final List<String> ZONES = List.of("zone-a", "zone-b", "zone-c");

    private final Workload.Amounts totals;
    private long offers;

    Cluster(Workload.Amounts totals) {
        this.totals = totals;
    }

    static int rowOf(String hostname) {
        return Integer.parseInt(hostname.substring("host-".length()));
    }

    VirtualMachineLease offer(int row) {
        String host = String.format("host-%07d", row);
        Protos.Offer.Builder offer = Protos.Offer.newBuilder()
            .setId(Protos.OfferID.newBuilder().setValue("offer-" + offers++))
            .setFrameworkId(Protos.FrameworkID.newBuilder().setValue("rivals"))
            .setSlaveId(Protos.SlaveID.newBuilder().setValue(host))
            .setHostname(host)
            .addAttributes(Protos.Attribute.newBuilder()
                .setName("zone")
                .setType(Protos.Value.Type.TEXT)
                .setText(Protos.Value.Text.newBuilder().setValue(ZONES.get(row % ZONES.size()))));
        addScalar(offer, "cpus", totals.cpuCores());
        addScalar(offer, "mem", totals.memoryMb());
        addScalar(offer, "network", totals.networkMbps());
        addScalar(offer, "disk", totals.diskMb());
        return new VMLeaseObject(offer.build());
    }

    private static void addScalar(Protos.Offer.Builder offer, String name, double amount) {
        offer.addResources(Protos.Resource.newBuilder()
            .setName(name)
            .setType(Protos.Value.Type.SCALAR)
            .setScalar(Protos.Value.Scalar.newBuilder().setValue(amount)));
    }
}
