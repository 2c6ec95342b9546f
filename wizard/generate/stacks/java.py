"""Java and Kotlin, by Maven or Gradle."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from wizard.generate.tree import Tree, version

_GRADLE = ("build.gradle.kts", "build.gradle", "settings.gradle.kts", "settings.gradle")
_TOOLCHAIN = re.compile(
    r"(?:JavaLanguageVersion\.of|jvmToolchain)\(\s*(\d+)"
    r"|(?:source|target)Compatibility\s*=\s*\D{0,40}?(\d[\d._]*)"
)
_WAR = re.compile(r"id\s*\(?[\"']war[\"']|^\s*war\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Java:
    """A pom.xml, or Gradle build scripts, in the root."""

    name: ClassVar[str] = "java"
    version: str = ""
    """Feature version of the JDK."""
    tool: Literal["maven", "gradle"] = "maven"
    wrapper: bool = False
    spring_boot: bool = False
    archive: Literal["jar", "war"] = "jar"
    modules: bool = False
    guesses: tuple[str, ...] = ()

    @property
    def user(self) -> int:
        """A user of our own: the image has none but root and ubuntu."""
        return 10001

    @property
    def read_only(self) -> bool:
        """The JVM and Tomcat keep their files in /tmp."""
        return True


def detect_java(tree: Tree) -> Java | None:
    """Read pom.xml or the Gradle scripts."""
    if tree.has("pom.xml"):
        return _maven(tree)
    return _gradle(tree) if tree.any(*_GRADLE) else None


def _maven(tree: Tree) -> Java:
    pom = tree.text("pom.xml")
    boot = "spring-boot-maven-plugin" in pom or "spring-boot-starter-parent" in pom
    archive: Literal["jar", "war"] = "war" if re.search(r"<packaging>\s*war\s*</packaging>", pom) else "jar"
    modules = "<modules>" in pom
    stated = re.search(r"<(?:java\.version|maven\.compiler\.(?:release|source|target)|release)>\s*([\d.]+)\s*<", pom)
    return Java(
        version=_version(tree, stated[1] if stated else ""),
        tool="maven",
        wrapper=tree.has("mvnw") and tree.has(".mvn/wrapper/maven-wrapper.properties"),
        spring_boot=boot,
        archive=archive,
        modules=modules,
        guesses=_guesses(boot, archive, modules),
    )


def _gradle(tree: Tree) -> Java:
    script = "\n".join(tree.text(name) for name in _GRADLE)
    boot = "org.springframework.boot" in script
    stated = _TOOLCHAIN.search(script)
    archive: Literal["jar", "war"] = "war" if _WAR.search(script) else "jar"
    modules = bool(re.search(r"(?m)^\s*include\b", script))
    return Java(
        version=_version(tree, (stated[1] or stated[2] or "").replace("_", ".") if stated else ""),
        tool="gradle",
        wrapper=tree.has("gradlew") and tree.has("gradle/wrapper/gradle-wrapper.properties"),
        spring_boot=boot,
        archive=archive,
        modules=modules,
        guesses=_guesses(boot, archive, modules),
    )


def _version(tree: Tree, stated: str) -> str:
    sdkman = re.search(r"(?m)^java=(\S+)", tree.text(".sdkmanrc"))
    found = version(stated) or version(tree.word(".java-version")) or version(sdkman[1] if sdkman else "")
    return found.removeprefix("1.") if found.startswith("1.") else found.split(".")[0]


def _guesses(boot: bool, archive: str, modules: bool) -> tuple[str, ...]:
    found = []
    if archive == "war" and not boot:
        found.append("A WAR without Spring Boot needs a servlet container: set the last stage's FROM to one.")
    elif not boot:
        found.append("The archive is started with java -jar: its manifest must name the main class.")
    if modules:
        found.append("The build has several modules: the largest archive of all of them is taken.")
    return tuple(found)
