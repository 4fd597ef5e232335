"""ZooKeeper servers from Debian's package, each on a host of its own."""
import socket

from processes import wait_for

jars = "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar"


class Ensemble:
    def __init__(self, fleet, hosts, tick=200, heap="512m"):
        self.fleet, self.hosts, self.heap = fleet, hosts, heap
        self.url = "zookeeper://" + ",".join(f"{host.address}:2181" for host in hosts) + "/freshet"
        members = "".join(f"server.{i + 1}={host.address}:2888:3888\n" for i, host in enumerate(hosts)) if len(hosts) > 1 else ""
        for i, host in enumerate(hosts):
            fleet.write(f"{host.name}/zoo.cfg", f"""dataDir={fleet.path(host.name, 'data')}
clientPort=2181
clientPortAddress={host.address}
tickTime={tick}
initLimit=50
syncLimit=20
minSessionTimeout=400
maxSessionTimeout=60000
maxClientCnxns=0
admin.enableServer=false
4lw.commands.whitelist=*
autopurge.purgeInterval=0
{members}""")
            fleet.write(f"{host.name}/data/myid", str(i + 1))

    def start(self, *members):
        for host in members or self.hosts:
            self.fleet.start(host.name, host, [
                "java", f"-Xmx{self.heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", jars,
                "org.apache.zookeeper.server.quorum.QuorumPeerMain", self.fleet.path(host.name, "zoo.cfg")])

    def wait(self):
        wait_for("ZooKeeper serves", lambda: all("Mode: " in self.ask(host, "srvr") for host in self.hosts), 120)

    def ask(self, host, word):
        try:
            with host.socket(socket.AF_INET, socket.SOCK_STREAM) as call:
                call.settimeout(2)
                call.connect((host.address, 2181))
                call.sendall(word.encode())
                reply = b""
                while octets := call.recv(65536):
                    reply += octets
                return reply.decode(errors="replace")
        except OSError:
            return ""

    def nodes(self):
        """So many nodes does the tree have."""
        for host in self.hosts:
            for line in self.ask(host, "mntr").splitlines():
                if line.startswith("zk_znode_count"):
                    return int(line.split()[1])
        return None
